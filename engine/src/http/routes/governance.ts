import { GET_APPS, GET_SERVICE } from '@rollcall/protocol/requests'
import type { Sources } from '../../domain/governance/index.ts'
import { countAll, drawGraph, fullDetail, listedDetail } from '../../domain/governance/index.ts'
import type { KnownService, Services } from '../../domain/registry/index.ts'
import { fail } from '../../kernel/failure.ts'
import { json, jsonText } from '../answers.ts'
import type { Answer, Call, Route } from '../call.ts'
import { check, checkedIds, isSet } from '../checked.ts'
import { may } from '../permission.ts'
import { ofService } from '../scopes.ts'
import { visible, visibleSources } from '../visible.ts'

const BASE = '/v4/:project/govern'

/** Pictures of a tenant for consoles. */
export function governanceRoutes(services: Services, sources: Sources): Route[] {
  const at = { family: 'v4', method: 'GET' } as const
  return [
    {
      ...at,
      path: `${BASE}/microservices/:serviceId`,
      permission: may('get', 'service', ofService),
      handle: (call) => detail(services, sources, call),
    },
    {
      ...at,
      path: `${BASE}/microservices`,
      permission: may('get', 'service', 'shown'),
      handle: (call) => details(services, sources, call),
    },
    { ...at, path: `${BASE}/apps`, permission: may('get', 'service', 'shown'), handle: (call) => apps(services, call) },
    {
      ...at,
      path: `${BASE}/relations`,
      permission: may('get', 'service', 'shown'),
      handle: (call) => json(drawGraph(listed(services, call), sources.dependencies)),
    },
    {
      ...at,
      path: `${BASE}/statistics`,
      permission: may('get', 'service', 'shown'),
      handle: (call) => json({ statistics: countAll(visible(call, services.list(call.tenant, false))) }),
    },
  ]
}

function listed(services: Services, call: Call): readonly KnownService[] {
  return visible(call, services.list(call.tenant, isSet(call.query.get('withShared'))))
}

async function detail(services: Services, sources: Sources, call: Call): Promise<Answer> {
  const { serviceId } = checkedIds(call, GET_SERVICE)
  return jsonText(
    `{"service":${await fullDetail(visibleSources(call, sources), services.get(call.tenant, serviceId))}}`,
  )
}

async function details(services: Services, sources: Sources, call: Call): Promise<Answer> {
  const countOnly = call.query.get('countOnly')
  if (!['', '0', '1'].includes(countOnly)) fail('InvalidParameters', 'parameter countOnly must be 1 or 0')
  const options = new Set(call.query.get('options').split(','))
  const wants = (option: string) => options.has('all') || options.has(option)
  const shown = listed(services, call).filter((service) => matches(service, call))
  const members: string[] = []
  const isStatisticsAlone = options.size === 1 && options.has('statistics')
  if (!isStatisticsAlone && shown.length > 0) {
    const parts = {
      tags: wants('tags'),
      instances: wants('instances'),
      schemas: wants('schemas'),
      dependencies: wants('dependencies'),
      countOnly: countOnly === '1',
    }
    const allowed = visibleSources(call, sources)
    const texts = await Promise.all(shown.map((service) => listedDetail(allowed, service, parts)))
    members.push(`"allServicesDetail":[${texts.join(',')}]`)
  }
  if (wants('statistics')) members.push(`"statistics":${JSON.stringify(countAll(shown))}`)
  return jsonText(`{${members.join(',')}}`)
}

/** Whether a service is what the query asks for: application, name, environment and all properties named. */
function matches({ record }: KnownService, { query }: Call): boolean {
  const { appId, serviceName, environment = '', properties = {} } = record
  const isOrAny = (name: string, value: string | undefined) => query.get(name) === '' || query.get(name) === value
  const hasProperty = (pair: string) => {
    const colon = pair.indexOf(':')
    const key = colon < 0 ? pair : pair.slice(0, colon)
    return Object.hasOwn(properties, key) && properties[key] === (colon < 0 ? '' : pair.slice(colon + 1))
  }
  return (
    isOrAny('appId', appId) &&
    isOrAny('serviceName', serviceName) &&
    isOrAny('env', environment) &&
    query.getAll('property').every(hasProperty)
  )
}

/** Applications of exactly one environment; the empty one when none is named. */
function apps(services: Services, call: Call): Answer {
  const environment = call.query.get('env')
  check(GET_APPS, { environment })
  const found = listed(services, call).filter(({ record }) => (record.environment ?? '') === environment)
  const appIds = [...new Set(found.map(({ record }) => record.appId ?? ''))].sort()
  return json(appIds.length === 0 ? {} : { appIds })
}
