/** Documents of the registry API and of the store. Times are Unix seconds as decimal text, set by the engine. */
import { PATTERNS } from './patterns.ts'
import { integer, list, map, object, text } from './shape.ts'

export interface Framework {
  readonly name?: string
  readonly version?: string
}

export interface ServicePath {
  readonly path?: string
  readonly property?: Readonly<Record<string, string>>
}

/** Names a service version; `tenant` is `domain/project`. */
export interface ServiceKey {
  readonly tenant?: string
  readonly environment?: string
  readonly appId?: string
  readonly serviceName?: string
  readonly alias?: string
  readonly version?: string
}

/** A micro-service: one version of one named service. */
export interface Microservice {
  readonly serviceId?: string
  readonly appId?: string
  readonly serviceName?: string
  readonly version?: string
  readonly description?: string
  /** FRONT, MIDDLE or BACK. */
  readonly level?: string
  readonly schemas?: readonly string[]
  readonly paths?: readonly ServicePath[]
  /** UP or DOWN. */
  readonly status?: string
  readonly properties?: Readonly<Record<string, string>>
  readonly timestamp?: string
  readonly providers?: readonly ServiceKey[]
  readonly alias?: string
  readonly LBStrategy?: Readonly<Record<string, string>>
  readonly modTimestamp?: string
  readonly environment?: string
  readonly registerBy?: string
  readonly framework?: Framework
}

export interface HealthCheck {
  /** push: the instance sends heartbeats. pull: stored only. */
  readonly mode?: string
  readonly port?: number
  /** Seconds between heartbeats. */
  readonly interval?: number
  /** Heartbeats that may be missed. */
  readonly times?: number
  readonly url?: string
}

export interface DataCenter {
  readonly name?: string
  readonly region?: string
  readonly availableZone?: string
}

/** A running process of a service. */
export interface Instance {
  readonly instanceId?: string
  readonly serviceId?: string
  readonly endpoints?: readonly string[]
  readonly hostName?: string
  /** UP, DOWN, STARTING, TESTING or OUTOFSERVICE. */
  readonly status?: string
  readonly properties?: Readonly<Record<string, string>>
  readonly healthCheck?: HealthCheck
  readonly timestamp?: string
  readonly dataCenterInfo?: DataCenter
  readonly modTimestamp?: string
  /** Version of the service. */
  readonly version?: string
  /** When a drained instance will be removed; absent unless it is being drained. */
  readonly drainingUntil?: string
}

const NAME_128 = { min: 1, max: 128, pattern: PATTERNS.name }
const ENVIRONMENT = { pattern: PATTERNS.environment }

/** Key of a service without rules, as it stands in stored documents and frames. */
export const SERVICE_KEY = object('MicroServiceKey', {
  tenant: {},
  environment: {},
  appId: {},
  serviceName: {},
  alias: {},
  version: {},
})

export const MICROSERVICE = object('MicroService', {
  serviceId: { rule: { max: 64, pattern: PATTERNS.serviceId } },
  appId: { rule: { max: 160, pattern: PATTERNS.name } },
  serviceName: { rule: NAME_128 },
  version: { rule: { max: 64, pattern: PATTERNS.version }, defaulted: true },
  description: { rule: { max: 256 } },
  level: { rule: { pattern: PATTERNS.level }, defaulted: true },
  schemas: { shape: list(text), rule: { max: 100, pattern: PATTERNS.schemaId } },
  paths: {
    shape: list(object('ServicePath', { path: { rule: { pattern: PATTERNS.path } }, property: { shape: map } })),
  },
  status: { rule: { pattern: PATTERNS.serviceStatus } },
  properties: { shape: map },
  timestamp: {},
  providers: { shape: list(SERVICE_KEY) },
  alias: { rule: { max: 128, pattern: PATTERNS.alias } },
  LBStrategy: { shape: map },
  modTimestamp: {},
  environment: { rule: ENVIRONMENT },
  registerBy: { rule: { max: 64, pattern: PATTERNS.registerBy } },
  framework: {
    shape: object('FrameWork', { name: { rule: { max: 64, pattern: PATTERNS.name } }, version: { rule: { max: 64 } } }),
  },
})

const DATA_CENTER_PART = { rule: { min: 1, max: 128, pattern: PATTERNS.dataCenter } }

export const INSTANCE = object('MicroServiceInstance', {
  instanceId: { rule: { max: 64, pattern: PATTERNS.instanceId } },
  serviceId: {},
  endpoints: { shape: list(text), rule: { pattern: PATTERNS.someText } },
  hostName: { rule: { min: 1, max: 64, pattern: PATTERNS.someText } },
  status: { rule: { pattern: PATTERNS.instanceStatus } },
  properties: { shape: map },
  healthCheck: {
    shape: object('HealthCheck', {
      mode: { rule: { pattern: PATTERNS.healthCheckMode } },
      port: { shape: integer, rule: { max: 65_535 } },
      interval: { shape: integer, rule: { min: 1, max: 2_147_483_647 } },
      times: { shape: integer, rule: { max: 2_147_483_647 } },
      url: { rule: { pattern: PATTERNS.noSpace } },
    }),
  },
  timestamp: {},
  dataCenterInfo: {
    shape: object('DataCenterInfo', {
      name: DATA_CENTER_PART,
      region: DATA_CENTER_PART,
      availableZone: DATA_CENTER_PART,
    }),
  },
  modTimestamp: {},
  version: {},
  /** The last, which is where the engine looks for it. */
  drainingUntil: {},
})

/** What the store holds for each end of a dependency. */
export const DEPENDENCY_RULE = object('MicroServiceDependency', { Dependency: { shape: list(SERVICE_KEY) } })
