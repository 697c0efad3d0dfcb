import { GET_APPS, GET_SERVICE } from '@rollcall/protocol/requests'
import type { Sources } from '../../domain/governance/index.ts'
import { countAll, fullDetail, linesOf, listedDetails, nodesOf } from '../../domain/governance/index.ts'
import type { KnownService, Services } from '../../domain/registry/index.ts'
import { fail } from '../../kernel/failure.ts'
import { Pace } from '../../kernel/pace.ts'
import type { MaybePromise } from '../../storage/store.ts'
import { json, jsonBytes, jsonText } from '../answers.ts'
import type { Answer, Call, Query, Route } from '../call.ts'
import { check, checkedIds, isSet, type Ruled, type Rules } from '../checked.ts'
import { LongText } from '../long-text.ts'
import { pageOf } from '../page.ts'
import { may } from '../permission.ts'
import { ofService } from '../scopes.ts'
import { visibleOfTenant, visibleSources } from '../visible.ts'

const BASE = '/v4/:project/govern'

/** Pictures of a tenant for consoles. */
export function governanceRoutes(services: Services, sources: Sources, ruled: Ruled): Route[] {
  const appRules = ruled(GET_APPS)
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
    {
      ...at,
      path: `${BASE}/apps`,
      permission: may('get', 'service', 'shown'),
      handle: (call) => apps(services, appRules, call),
    },
    {
      ...at,
      path: `${BASE}/relations`,
      permission: may('get', 'service', 'shown'),
      handle: (call) => relations(services, sources, call),
    },
    {
      ...at,
      path: `${BASE}/statistics`,
      permission: may('get', 'service', 'shown'),
      handle: (call) => statistics(services, call),
    },
  ]
}

function listed(services: Services, call: Call): MaybePromise<readonly KnownService[]> {
  return visibleOfTenant(call, services.list(call.tenant, isSet(call.query.get('withShared'))))
}

async function detail(services: Services, sources: Sources, call: Call): Promise<Answer> {
  const { serviceId } = checkedIds(call, GET_SERVICE)
  return jsonText(
    `{"service":${await fullDetail(visibleSources(call, sources), services.get(call.tenant, serviceId))}}`,
  )
}

/** Nothing is left out, empty lists are null. */
async function relations(services: Services, sources: Sources, call: Call): Promise<Answer> {
  const shown = await listed(services, call)
  const text = new LongText()
  text.add('{"nodes":')
  await text.addListOrNull(nodesOf(shown))
  text.add(',"lines":')
  await text.addListOrNull(linesOf(shown, sources.dependencies))
  text.add(',"circles":null}')
  return jsonBytes(text.bytes())
}

async function statistics(services: Services, call: Call): Promise<Answer> {
  return json({ statistics: await countAll(await visibleOfTenant(call, services.list(call.tenant, false))) })
}

async function details(services: Services, sources: Sources, call: Call): Promise<Answer> {
  const countOnly = call.query.get('countOnly')
  if (!['', '0', '1'].includes(countOnly)) fail('InvalidParameters', 'parameter countOnly must be 1 or 0')
  const options = new Set(call.query.get('options').split(','))
  const wants = (option: string) => options.has('all') || options.has(option)
  const found = await matching(await listed(services, call), call.query)
  const { items, headers } = pageOf(found, call.query)
  const text = new LongText()
  const isStatisticsAlone = options.size === 1 && options.has('statistics')
  const hasList = !isStatisticsAlone && items.length > 0
  text.add('{')
  if (hasList) {
    const parts = {
      tags: wants('tags'),
      instances: wants('instances'),
      schemas: wants('schemas'),
      dependencies: wants('dependencies'),
      countOnly: countOnly === '1',
    }
    text.add('"allServicesDetail":[')
    await text.addList(listedDetails(visibleSources(call, sources), items, parts))
    text.add(']')
  }
  if (wants('statistics')) text.add(`${hasList ? ',' : ''}"statistics":${JSON.stringify(await countAll(found))}`)
  text.add('}')
  return jsonBytes(text.bytes(), headers)
}

/** The services that the query asks for: by application, name, environment and all properties named. */
async function matching(services: readonly KnownService[], query: Query): Promise<readonly KnownService[]> {
  const [appId, serviceName, environment] = ['appId', 'serviceName', 'env'].map((name) => query.get(name))
  const wanted = query.getAll('property').map((pair) => {
    const colon = pair.indexOf(':')
    return colon < 0 ? { key: pair, value: '' } : { key: pair.slice(0, colon), value: pair.slice(colon + 1) }
  })
  if (!appId && !serviceName && !environment && wanted.length === 0) return services
  const isOrAny = (asked: string | undefined, value: string | undefined) => !asked || asked === value
  const pace = new Pace()
  const found: KnownService[] = []
  for (const service of services) {
    const pause = pace.step()
    if (pause !== undefined) await pause
    const { record } = service
    const { properties = {} } = record
    const isWanted =
      isOrAny(appId, record.appId) &&
      isOrAny(serviceName, record.serviceName) &&
      isOrAny(environment, record.environment ?? '') &&
      wanted.every(({ key, value }) => Object.hasOwn(properties, key) && properties[key] === value)
    if (isWanted) found.push(service)
  }
  return found
}

/** Applications of exactly one environment; the empty one when none is named. */
async function apps(services: Services, rules: Rules, call: Call): Promise<Answer> {
  const environment = call.query.get('env')
  check(rules, { environment })
  const all = await listed(services, call)
  const found = all.filter(({ record }) => (record.environment ?? '') === environment)
  const appIds = [...new Set(found.map(({ record }) => record.appId ?? ''))].sort()
  return json(appIds.length === 0 ? {} : { appIds })
}
