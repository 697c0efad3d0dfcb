export type { Search } from './search.ts'
export { parseCursor, SHOWN_STATUSES } from './search.ts'
export { Transactions } from './transactions.ts'
export type { ReceivedReport, ShownStatus, TransactionFailure } from './types.ts'
