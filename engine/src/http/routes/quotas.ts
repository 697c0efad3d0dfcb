import type { QuotasBody } from '@rollcall/protocol/requests'
import { QUOTAS } from '@rollcall/protocol/requests'
import type { Quotas } from '../../domain/quota/index.ts'
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
      handle: ({ tenant }) => json({ quotas: quotas.list(tenant) }),
    },
    {
      ...at,
      method: 'PUT',
      permission: may('update', 'ops'),
      body: { shape: QUOTAS },
      handle: (call) => set(quotas, call),
    },
  ]
}

async function set(quotas: Quotas, call: Call): Promise<Answer> {
  const body = checkedBody<QuotasBody>(call, QUOTAS)
  await quotas.set(call.tenant, Object.fromEntries(body.quotas.map(({ resource, limit = 0 }) => [resource, limit])))
  return EMPTY
}
