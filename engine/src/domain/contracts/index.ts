export type { ListedContract } from './contracts.ts'
export { Contracts } from './contracts.ts'
export type { ContractFailure } from './types.ts'
export { ContractView } from './view.ts'
