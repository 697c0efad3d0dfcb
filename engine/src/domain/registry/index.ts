export { compareWithStore } from './consistency.ts'
export type { Companion, PlanPart, Usage } from './decide.ts'
export { findExisting, serviceChange } from './decide.ts'
export type { Subscriber, UseRecorder } from './discovery.ts'
export { Discovery } from './discovery.ts'
export { Drains } from './drains.ts'
export { Environments } from './environments.ts'
export { Instances, NewInstances } from './instances.ts'
export { namePath } from './name-group.ts'
export { OwnEntries } from './own-entries.ts'
export type { PreservedService } from './preservation.ts'
export { Preservation } from './preservation.ts'
export type { RetireRules, Verdict } from './retired-versions.ts'
export { RetiredVersions } from './retired-versions.ts'
export { Services } from './services.ts'
export { isOwnName, OWN_APP, OWN_TENANT } from './shared.ts'
export { Tags } from './tags.ts'
export type {
  InstanceEvent,
  InstanceId,
  InstanceList,
  InstanceNode,
  KnownService,
  RegistryFailure,
  ServiceId,
  Tenant,
} from './types.ts'
export { RegistryView } from './view.ts'
