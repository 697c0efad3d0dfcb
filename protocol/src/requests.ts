/** Bodies, paths and queries of registry requests, with the rules they are checked by. */
import type { Instance, Microservice, ServiceKey } from './documents.ts'
import { INSTANCE, MICROSERVICE } from './documents.ts'
import { PATTERNS } from './patterns.ts'
import { boolean, integer, list, map, object, text } from './shape.ts'

const NAME_160 = { min: 1, max: 160, pattern: PATTERNS.name }
const NAME_128 = { min: 1, max: 128, pattern: PATTERNS.name }
const ENVIRONMENT = { pattern: PATTERNS.environment }
const SERVICE_ID = { min: 1, max: 64, pattern: PATTERNS.serviceId }
const INSTANCE_ID = { min: 1, max: 64, pattern: PATTERNS.instanceId }

export interface TagsBody {
  readonly tags?: Readonly<Record<string, string>>
}
/** The rules of tags where a service may have so many of them. */
export const tagsRequest = (max: number) =>
  object('AddServiceTagsRequest', { tags: { shape: map, rule: { max, pattern: PATTERNS.tag } } })
export const TAGS = tagsRequest(100)

/** Body of POST microservices. Its parts are checked on their own, because a bad tag does not refuse the service. */
export interface CreateService {
  readonly service?: Microservice
  readonly tags?: Readonly<Record<string, string>>
  readonly instances?: readonly (Instance | null)[]
}
export const CREATE_SERVICE = object('CreateServiceRequest', {
  service: { shape: MICROSERVICE },
  tags: { shape: map },
  instances: { shape: list(INSTANCE) },
})

export interface PropertiesBody {
  readonly properties?: Readonly<Record<string, string>>
}
export const PROPERTIES = object('PropertiesRequest', { properties: { shape: map } })

export interface RegisterInstance {
  readonly instance: Instance
}
export const REGISTER_INSTANCE = object('RegisterInstanceRequest', { instance: { shape: INSTANCE, required: true } })

export interface RemoveServices {
  readonly serviceIds: readonly string[]
  readonly force?: boolean
}
export const REMOVE_SERVICES = object('DelServicesRequest', {
  serviceIds: { shape: list(text), rule: { min: 1, pattern: PATTERNS.serviceIdOfBatch } },
  force: { shape: boolean },
})

export interface InstanceRef {
  readonly serviceId?: string
  readonly instanceId?: string
}
export interface BeatBatch {
  readonly instances?: readonly (InstanceRef | null)[]
}
export const BEAT_BATCH = object('HeartbeatSetRequest', {
  instances: { shape: list(object('HeartbeatSetElement', { serviceId: {}, instanceId: {} })) },
})

export interface BulkStatus {
  readonly matches?: { readonly properties?: Readonly<Record<string, string>> }
  readonly status?: string
}
export const BULK_STATUS = object('UpdateManyInstanceStatusRequest', {
  matches: { shape: object('MatchPolicy', { properties: { shape: map } }) },
  status: { rule: { pattern: PATTERNS.newInstanceStatus } },
})

export interface FindBatch {
  readonly services?: readonly { readonly service: ServiceKey; readonly rev?: string }[]
  readonly instances?: readonly { readonly instance: Required<InstanceRef>; readonly rev?: string }[]
}
export const FIND_BATCH = object('BatchFindInstancesRequest', {
  services: {
    shape: list(
      object('FindService', {
        service: {
          required: true,
          shape: object('MicroServiceKey', {
            environment: { rule: ENVIRONMENT },
            appId: { rule: NAME_160 },
            serviceName: { rule: { min: 1, max: 289, pattern: PATTERNS.findName } },
            version: {},
          }),
        },
        rev: {},
      }),
    ),
  },
  instances: {
    shape: list(
      object('FindInstance', {
        instance: {
          required: true,
          shape: object('HeartbeatSetElement', { serviceId: { rule: SERVICE_ID }, instanceId: { rule: INSTANCE_ID } }),
        },
        rev: {},
      }),
    ),
  },
})

export interface DependencyBody {
  readonly dependencies: readonly { readonly consumer: ServiceKey; readonly providers?: readonly ServiceKey[] }[]
}
const CONSUMER_KEY = object('MicroServiceKey', {
  tenant: {},
  environment: { rule: ENVIRONMENT },
  appId: { rule: NAME_160 },
  serviceName: { rule: NAME_128 },
  alias: {},
  version: { rule: { min: 1, max: 64, pattern: PATTERNS.version } },
})
const PROVIDER_KEY = object('MicroServiceKey', {
  tenant: {},
  environment: { rule: ENVIRONMENT },
  appId: { rule: { max: 160, pattern: PATTERNS.name } },
  serviceName: { rule: NAME_128 },
  alias: {},
  version: { rule: { max: 128, pattern: PATTERNS.versionRule } },
})
const dependencies = (name: string, providersMin: number) =>
  object(name, {
    dependencies: {
      rule: { min: 1, max: 100 },
      shape: list(
        object('ConsumerDependency', {
          consumer: { shape: CONSUMER_KEY, required: true },
          providers: { shape: list(PROVIDER_KEY), rule: { min: providersMin } },
        }),
      ),
    },
  })
export const ADD_DEPENDENCIES = dependencies('AddDependenciesRequest', 1)
export const REPLACE_DEPENDENCIES = dependencies('CreateDependenciesRequest', 0)
/** Parameters of paths and queries, checked like bodies. */
const serviceOnly = (name: string) => object(name, { serviceId: { rule: SERVICE_ID } })
const serviceAndInstance = (name: string) =>
  object(name, { serviceId: { rule: SERVICE_ID }, instanceId: { rule: INSTANCE_ID } })

export const GET_APPS = object('GetAppsRequest', { environment: { rule: ENVIRONMENT } })
export const GET_SERVICE = serviceOnly('GetServiceRequest')
export const REMOVE_SERVICE = serviceOnly('DeleteServiceRequest')
export const SERVICE_PROPERTIES = serviceOnly('UpdateServicePropsRequest')
export const SET_TAGS = serviceOnly('AddServiceTagsRequest')
export const GET_TAGS = serviceOnly('GetServiceTagsRequest')
export const CHANGE_TAG = object('UpdateServiceTagRequest', {
  serviceId: { rule: SERVICE_ID },
  key: { rule: { pattern: PATTERNS.tag } },
  value: { rule: { pattern: PATTERNS.tag } },
})
export const REMOVE_TAGS = object('DeleteServiceTagsRequest', {
  serviceId: { rule: SERVICE_ID },
  keys: { shape: list(text), rule: { min: 1, max: 100, pattern: PATTERNS.tag } },
})
export const REGISTER_TARGET = serviceOnly('MicroServiceInstance')
export const GET_SUBSCRIBERS = serviceOnly('GetSubscribersRequest')
export const GET_DEPENDENCIES = serviceOnly('GetDependenciesRequest')
export const BEAT = serviceAndInstance('HeartbeatRequest')
export const UNREGISTER_INSTANCE = serviceAndInstance('UnregisterInstanceRequest')
export const DRAIN = serviceAndInstance('DrainInstanceRequest')
export const INSTANCE_PROPERTIES = serviceAndInstance('UpdateInstancePropsRequest')
export const INSTANCE_STATUS = object('UpdateInstanceStatusRequest', {
  serviceId: { rule: SERVICE_ID },
  instanceId: { rule: INSTANCE_ID },
  status: { rule: { pattern: PATTERNS.newInstanceStatus } },
})
const CONSUMER = { rule: { max: 64, pattern: PATTERNS.serviceId }, label: 'ConsumerServiceId' }
/** Which versions a find is about, where that is looked at; a batch names its own type. */
export const findVersion = (typeName: string) =>
  object(typeName, { versionRule: { rule: { max: 129, pattern: PATTERNS.findVersionRule } } })
const FIND_TAGS = { shape: list(text), rule: { pattern: PATTERNS.tag } }
export const LIST_INSTANCES = object('GetInstancesRequest', {
  consumerServiceId: CONSUMER,
  providerServiceId: { rule: SERVICE_ID },
  tags: FIND_TAGS,
})
export const GET_INSTANCE = object('GetOneInstanceRequest', {
  consumerServiceId: CONSUMER,
  providerServiceId: { rule: SERVICE_ID },
  providerInstanceId: { rule: INSTANCE_ID },
  tags: FIND_TAGS,
})
export const FIND_INSTANCES = object('FindInstancesRequest', {
  consumerServiceId: CONSUMER,
  appId: { rule: NAME_160 },
  serviceName: { rule: { min: 1, max: 289, pattern: PATTERNS.findName } },
  tags: FIND_TAGS,
  environment: { rule: ENVIRONMENT },
})
export const EXISTENCE = object('GetExistenceRequest', {
  appId: { rule: NAME_160 },
  serviceName: { rule: { min: 1, max: 289, pattern: PATTERNS.findName } },
  version: { rule: { min: 1, max: 64, pattern: PATTERNS.version } },
  serviceId: {},
  schemaId: {},
  environment: { rule: ENVIRONMENT },
})
const SCHEMA_ID = { min: 1, max: 160, pattern: PATTERNS.schemaRef }
const serviceAndSchema = (name: string) =>
  object(name, { serviceId: { rule: SERVICE_ID }, schemaId: { rule: SCHEMA_ID } })
export const GET_SCHEMA = serviceAndSchema('GetSchemaRequest')
export const REMOVE_SCHEMA = serviceAndSchema('DeleteSchemaRequest')
export const LIST_SCHEMAS = serviceOnly('GetAllSchemaRequest')
export const PUT_SCHEMA = object('ModifySchemaRequest', {
  serviceId: { rule: SERVICE_ID },
  schemaId: { rule: SCHEMA_ID },
  schema: { rule: { min: 1 } },
  summary: { rule: { max: 128, pattern: PATTERNS.summary } },
})
/** Body of PUT for one contract; its id is the path's. */
export interface SchemaBody {
  readonly schema?: string
  readonly summary?: string
}
export const SCHEMA_BODY = object('ModifySchemaRequest', { schema: {}, summary: {} })

export interface SchemasBody {
  readonly schemas: readonly { readonly schemaId: string; readonly summary: string; readonly schema: string }[]
}
export const PUT_SCHEMAS = object('ModifySchemasRequest', {
  schemas: {
    rule: { min: 1 },
    shape: list(
      object('Schema', {
        schemaId: { rule: SCHEMA_ID },
        summary: { rule: { min: 1, max: 128, pattern: PATTERNS.summary } },
        schema: { rule: { min: 1 } },
      }),
    ),
  },
})

/** Body of POST admin/retire; what is absent has a default. */
export interface RetireBody {
  readonly dryRun?: boolean
  readonly keep?: number
  readonly minAgeHours?: number
}
export const RETIRE = object('RetireRequest', {
  dryRun: { shape: boolean },
  keep: { shape: integer, rule: { min: 1, max: 1000 } },
  minAgeHours: { shape: integer, rule: { min: 0, max: 87_600 } },
})

export interface QuotasBody {
  readonly quotas: readonly { readonly resource: string; readonly limit?: number }[]
}
export const QUOTAS = object('QuotasRequest', {
  quotas: {
    rule: { min: 1, max: 6 },
    shape: list(
      object('Quota', {
        resource: { rule: { pattern: PATTERNS.quotaResource } },
        limit: { shape: integer, rule: { max: 100_000_000 } },
      }),
    ),
  },
})
