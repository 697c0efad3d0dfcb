export type { NewService, Usage } from './decide.ts'
export type { FindQuery, UseRecorder } from './discovery.ts'
export { Discovery } from './discovery.ts'
export { Instances, NewInstances } from './instances.ts'
export type { PreservationLimits, PreservedService } from './preservation.ts'
export { Preservation } from './preservation.ts'
export type { RemovalResult } from './services.ts'
export { Services } from './services.ts'
export { isOwnService, OWN_APP, OWN_ENVIRONMENT, OWN_TENANT } from './shared.ts'
export type {
  InstanceEvent,
  InstanceId,
  InstanceLimits,
  InstanceList,
  InstanceNode,
  KnownService,
  RegistryFailure,
  ServiceId,
  Tenant,
} from './types.ts'
export { namePath, RegistryView } from './view.ts'
