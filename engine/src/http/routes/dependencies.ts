import type { DependencyBody } from '@rollcall/protocol/requests'
import { ADD_DEPENDENCIES, GET_DEPENDENCIES, REPLACE_DEPENDENCIES } from '@rollcall/protocol/requests'
import type { Dependencies } from '../../domain/dependency/index.ts'
import type { KnownService, RegistryView } from '../../domain/registry/index.ts'
import { fail } from '../../kernel/failure.ts'
import { EMPTY, jsonText } from '../answers.ts'
import { jsonOf } from '../audited.ts'
import type { Answer, Audited, Call, Route } from '../call.ts'
import { checkedBody, checkedIds, type Ruled, type Rules } from '../checked.ts'
import { may } from '../permission.ts'
import { ofDeclarations, ofService } from '../scopes.ts'
import { visible } from '../visible.ts'

const BASE = '/v4/:project/registry'

/** The answer of Service Center's dependency endpoints, which its clients are asked to leave. */
const ACCEPTED: Answer = { ...EMPTY, headers: [...EMPTY.headers, 'Deprecation', 'version="v4"'] }

/** Who depends on whom: declared and shown. */
export function dependencyRoutes(dependencies: Dependencies, registry: RegistryView, ruled: Ruled): Route[] {
  const at = { family: 'v4' } as const
  const declaration = { dependencies, added: ruled(ADD_DEPENDENCIES), replaced: ruled(REPLACE_DEPENDENCIES) }
  const service = (call: Call, missing: string): KnownService => {
    const { serviceId } = checkedIds(call, GET_DEPENDENCIES)
    return registry.service(call.tenant, serviceId) ?? fail('ServiceNotFound', missing)
  }
  return [
    {
      ...at,
      method: 'POST',
      path: `${BASE}/dependencies`,
      permission: may('create', 'service', ofDeclarations),
      audit: audited(dependencies, 'dependency.add'),
      body: { shape: ADD_DEPENDENCIES },
      handle: (call) => declare(declaration, call, false),
    },
    {
      ...at,
      method: 'PUT',
      path: `${BASE}/dependencies`,
      permission: may('update', 'service', ofDeclarations),
      audit: audited(dependencies, 'dependency.set'),
      body: { shape: REPLACE_DEPENDENCIES },
      handle: (call) => declare(declaration, call, true),
    },
    {
      ...at,
      method: 'GET',
      path: `${BASE}/microservices/:serviceId/providers`,
      permission: may('get', 'service', ofService),
      handle: (call) => {
        const consumer = service(call, 'Consumer does not exist')
        return listed('providers', related(call, consumer, dependencies.providersOf(consumer)))
      },
    },
    {
      ...at,
      method: 'GET',
      path: `${BASE}/microservices/:serviceId/consumers`,
      permission: may('get', 'service', ofService),
      handle: (call) => {
        const provider = service(call, 'Provider does not exist')
        return listed('consumers', related(call, provider, dependencies.consumersOf(provider)))
      },
    },
  ]
}

/** What the named consumers depend on. */
function audited(dependencies: Dependencies, action: string): Audited {
  const consumersOf = ({ body }: Call) =>
    ((body as Partial<DependencyBody>).dependencies ?? []).flatMap((element) => element?.consumer ?? [])
  return {
    action,
    resource: (call) =>
      consumersOf(call)
        .map(({ serviceName = '', version = '' }) => `${serviceName}/${version}`)
        .join(','),
    state: (call) => jsonOf(() => dependencies.declaredBy(call.tenant, consumersOf(call))),
  }
}

interface Declaration {
  readonly dependencies: Dependencies
  /** Rules of what is added to, and of what takes the place of what was there. */
  readonly added: Rules
  readonly replaced: Rules
}

async function declare({ dependencies, added, replaced }: Declaration, call: Call, replace: boolean): Promise<Answer> {
  const body = checkedBody<DependencyBody>(call, replace ? replaced : added)
  await dependencies.declare(call.tenant, body.dependencies, replace)
  return ACCEPTED
}

/** What the caller may see of them. Applies `noSelf`, which counts only when it is exactly 1; `sameDomain` is always so. */
function related(call: Call, self: KnownService, services: readonly KnownService[]): readonly KnownService[] {
  const shown = visible(call, services)
  return call.query.get('noSelf') === '1' ? shown.filter((other) => other !== self) : shown
}

function listed(name: string, services: readonly KnownService[]): Answer {
  if (services.length === 0) return jsonText('{}')
  return jsonText(`{"${name}":[${services.map(({ text }) => text).join(',')}]}`)
}
