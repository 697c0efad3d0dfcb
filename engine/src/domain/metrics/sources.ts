import type { InstanceGauges } from '@rollcall/protocol/metrics'
import type { Ring } from './ring.ts'
import { History } from './ring.ts'
import type { Reporter, ReportingService, Tenant } from './types.ts'

const NO_GAUGES: InstanceGauges = {
  thread: undefined,
  cpu: undefined,
  loadAverage: undefined,
  uptime: undefined,
  memory: {},
}

/** What an instance has reported. */
export class InstanceSource {
  readonly version: VersionSource
  readonly id: Reporter
  /** The newest samples of each interface. */
  readonly rings = new Map<string, Ring>()
  /** All interfaces together, over a long time. */
  readonly history = new History()
  /** Slots that the journal does not know yet, or not completely. */
  readonly changedFine = new Set<number>()
  readonly changedCoarse = new Set<number>()
  gauges = NO_GAUGES
  /** Wall time of the newest report. */
  lastAt = 0

  constructor(version: VersionSource, id: Reporter) {
    this.version = version
    this.id = id
  }
}

/** What the instances of one version of a service have reported. */
export class VersionSource {
  readonly tenant: Tenant
  readonly id: ReportingService
  readonly instances = new Map<string, InstanceSource>()
  /** Each interface, over all instances and a long time. */
  readonly histories = new Map<string, History>()
  /** Coarse slots that the journal does not know yet, or not completely. */
  readonly changedCoarse = new Set<number>()
  /** Calls since the engine started; they only grow. */
  calls = 0
  failures = 0

  constructor(tenant: Tenant, id: ReportingService) {
    this.tenant = tenant
    this.id = id
  }
}
