import type { QuotasBody } from '@rollcall/protocol/requests'
import { QUOTAS } from '@rollcall/protocol/requests'
import type { Quotas } from '../../domain/quota/index.ts'
import { fail } from '../../kernel/failure.ts'
import { EMPTY, json } from '../answers.ts'
import type { Answer, Call, Route } from '../call.ts'
import { checkedBody } from '../checked.ts'
import { may } from '../permission.ts'

const PATH = '/v4/:project/admin/quotas'

/** What a tenant may have, for operators. */
export function quotaRoutes(quotas: Quotas): Route[] {
  const at = { family: 'v4', path: PATH } as const
  return [
    {
      ...at,
      method: 'GET',
      permission: may('get', 'ops'),
      handle: async ({ tenant }) => json({ quotas: await quotas.list(tenant) }),
    },
    {
      ...at,
      method: 'PUT',
      permission: may('update', 'ops'),
      audit: { action: 'quota.set', resource: ({ tenant }) => tenant, state: ({ tenant }) => limitsOf(quotas, tenant) },
      body: { shape: QUOTAS },
      handle: (call) => set(quotas, call),
    },
  ]
}

/** The limits of a tenant; those of a service of others are not changed here, so it is not asked. */
function limitsOf(quotas: Quotas, tenant: string): string | undefined {
  const limits = quotas.settable(tenant)
  return limits === undefined ? undefined : JSON.stringify(limits)
}

async function set(quotas: Quotas, call: Call): Promise<Answer> {
  const body = checkedBody<QuotasBody>(call, QUOTAS)
  const limits: Record<string, number> = {}
  for (const { resource, limit } of body.quotas) {
    if (limit === undefined) fail('InvalidParameters', `field 'Quota.Limit' of ${resource} is missing`)
    if (Object.hasOwn(limits, resource)) fail('InvalidParameters', `field 'Quota.Resource' names ${resource} twice`)
    limits[resource] = limit
  }
  await quotas.set(call.tenant, limits)
  return EMPTY
}
