import { INSTANCE, type Instance, MICROSERVICE } from '@rollcall/protocol/documents'
import { ERRORS, errorText } from '@rollcall/protocol/errors'
import {
  CREATE_SERVICE,
  type CreateService,
  EXISTENCE,
  GET_SCHEMA,
  GET_SERVICE,
  PROPERTIES,
  type PropertiesBody,
  REMOVE_SERVICE,
  REMOVE_SERVICES,
  type RemoveServices,
  SERVICE_PROPERTIES,
  tagsRequest,
} from '@rollcall/protocol/requests'
import type { Contracts } from '../../domain/contracts/index.ts'
import type { Services } from '../../domain/registry/index.ts'
import { fail } from '../../kernel/failure.ts'
import { PROPERTIES_BODY_BYTES_MAX } from '../../kernel/limits.ts'
import { EMPTY, json, jsonText } from '../answers.ts'
import { ofService as auditOf, serviceMade, servicesRemoved } from '../audited.ts'
import type { Answer, Call, Route } from '../call.ts'
import { check, checkedBody, checkedIds, isSet, type Ruled, type Rules, violationOf } from '../checked.ts'
import { failureText } from '../errors.ts'
import { may } from '../permission.ts'
import { ofCreation, ofExistence, ofRemovals, ofService } from '../scopes.ts'
import { ServiceLists } from '../service-lists.ts'

const BASE = '/v4/:project/registry'

/** Shapes whose rules depend on settings. */
interface ServiceRules {
  readonly key: Rules
  readonly service: Rules
}

interface Parts {
  readonly services: Services
  readonly contracts: Contracts
  readonly rules: ServiceRules
}

/** Micro-services: create, look up, change and remove. */
export function serviceRoutes(services: Services, contracts: Contracts, ruled: Ruled): Route[] {
  const at = { family: 'v4' } as const
  const rules = { key: ruled(EXISTENCE), service: ruled(MICROSERVICE) }
  const lists = new ServiceLists(services)
  return [
    {
      ...at,
      method: 'GET',
      path: `${BASE}/existence`,
      permission: may('get', 'service', ofExistence),
      handle: (call) => existence({ services, contracts, rules }, call),
    },
    {
      ...at,
      method: 'POST',
      path: `${BASE}/microservices`,
      permission: may('create', 'service', ofCreation),
      audit: serviceMade,
      body: { shape: CREATE_SERVICE },
      handle: (call) => create(services, rules, call),
    },
    {
      ...at,
      method: 'GET',
      path: `${BASE}/microservices`,
      permission: may('get', 'service', 'shown'),
      handle: (call) => lists.answer(call),
    },
    {
      ...at,
      method: 'DELETE',
      path: `${BASE}/microservices`,
      permission: may('delete', 'service', ofRemovals),
      audit: servicesRemoved,
      body: { shape: REMOVE_SERVICES },
      handle: (call) => removeMany(services, call),
    },
    {
      ...at,
      method: 'GET',
      path: `${BASE}/microservices/:serviceId`,
      permission: may('get', 'service', ofService),
      handle: (call) => get(services, call),
    },
    {
      ...at,
      method: 'DELETE',
      path: `${BASE}/microservices/:serviceId`,
      permission: may('delete', 'service', ofService),
      audit: auditOf('service.delete'),
      handle: (call) => remove(services, call),
    },
    {
      ...at,
      method: 'PUT',
      path: `${BASE}/microservices/:serviceId/properties`,
      permission: may('update', 'service', ofService),
      audit: auditOf('service.properties'),
      body: { shape: PROPERTIES, bytesMax: PROPERTIES_BODY_BYTES_MAX },
      handle: (call) => setProperties(services, call),
    },
  ]
}

function existence(parts: Parts, call: Call): Answer {
  const type = call.query.get('type')
  if (type === 'microservice') return serviceExistence(parts, call)
  if (type === 'schema') return schemaExistence(parts, call)
  return fail('InvalidParameters', 'Only micro-service and schema can be used as type.')
}

function serviceExistence({ services, rules }: Parts, { tenant, query }: Call): Answer {
  const key = {
    environment: query.get('env'),
    appId: query.get('appId'),
    serviceName: query.get('serviceName'),
    version: query.get('version'),
  }
  check(rules.key, key)
  return json({ serviceId: services.exists(tenant, key) })
}

function schemaExistence({ services, contracts }: Parts, { tenant, query }: Call): Answer {
  const ids = { serviceId: query.get('serviceId'), schemaId: query.get('schemaId') }
  check(GET_SCHEMA, ids)
  if (!services.has(tenant, ids.serviceId)) return fail('ServiceNotFound', 'service does not exist.')
  const { summary } = contracts.find(tenant, ids.serviceId, ids.schemaId)
  return jsonText(JSON.stringify(ids), ['X-Schema-Summary', summary])
}

/**
 * A bad tag or instance does not refuse the service itself: the service is created without tags and instances, and the
 * answer names what was wrong with them (as in Service Center).
 */
async function create(services: Services, rules: ServiceRules, call: Call): Promise<Answer> {
  const { service, tags, instances = [] } = call.body as CreateService
  if (service === undefined) return fail('InvalidParameters', 'Request body is empty')
  check(rules.service, service)
  const someTags = tags !== undefined && Object.keys(tags).length > 0 ? tags : undefined
  const tagsMax = someTags === undefined ? 0 : await services.tagCountMax(call.tenant)
  const refusals = [...tagRefusals(someTags, tagsMax), ...instanceRefusals(instances)]
  const extras = refusals.length > 0 ? { tags: undefined, instances: [] } : { tags: someTags, instances }
  const serviceId = await services.create(call.tenant, {
    service,
    tags: extras.tags,
    instances: extras.instances as readonly Instance[],
  })
  if (refusals.length > 0) fail('InvalidParameters', `errMessages: [${refusals.join(' ')}]`)
  return { ...json({ serviceId }), made: serviceId }
}

function tagRefusals(tags: CreateService['tags'], countMax: number): string[] {
  const violation = tags === undefined ? undefined : violationOf(tagsRequest(countMax), { tags })
  return violation === undefined ? [] : [errorText(ERRORS.InvalidParameters, violation)]
}

function instanceRefusals(instances: NonNullable<CreateService['instances']>): string[] {
  return instances.flatMap((instance) => {
    const violation = instance === null ? 'invalid nil pointer' : violationOf(INSTANCE, instance)
    return violation === undefined ? [] : [errorText(ERRORS.InvalidParameters, violation)]
  })
}

function get(services: Services, call: Call): Answer {
  const { serviceId } = checkedIds(call, GET_SERVICE)
  return jsonText(`{"service":${services.get(call.tenant, serviceId).text}}`)
}

async function setProperties(services: Services, call: Call): Promise<Answer> {
  const { serviceId } = checkedIds(call, SERVICE_PROPERTIES)
  const { properties = {} } = call.body as PropertiesBody
  await services.setProperties(call.tenant, serviceId, properties)
  return EMPTY
}

async function remove(services: Services, call: Call): Promise<Answer> {
  const force = forceOf(call)
  const { serviceId } = checkedIds(call, REMOVE_SERVICE)
  await services.remove(call.tenant, serviceId, force)
  return EMPTY
}

/** @throws Failure InvalidParameters */
function forceOf({ query }: Call): boolean {
  const force = query.get('force')
  if (!['', '0', '1', 'false', 'true'].includes(force))
    fail('InvalidParameters', 'parameter force must be false or true')
  return isSet(force)
}

/** Older clients say `force` in the body, newer ones in the query. */
async function removeMany(services: Services, call: Call): Promise<Answer> {
  const isForced = forceOf(call)
  const { serviceIds, force = false } = checkedBody<RemoveServices>(call, REMOVE_SERVICES)
  const results = await services.removeAll(call.tenant, serviceIds, force || isForced)
  return json({
    services: results.map(({ serviceId, failure }) =>
      failure === undefined ? { serviceId } : { errMessage: failureText(failure), serviceId },
    ),
  })
}
