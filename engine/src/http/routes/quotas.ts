import type { QuotasBody } from '@rollcall/protocol/requests'
import { QUOTAS } from '@rollcall/protocol/requests'
import type { Quotas } from '../../domain/quota/index.ts'
import { EMPTY, json } from '../answers.ts'
import type { Answer, Call, Route } from '../call.ts'
import { checkedBody } from '../checked.ts'

const PATH = '/v4/:project/admin/quotas'

/** What a tenant may have, for operators. */
export function quotaRoutes(quotas: Quotas): Route[] {
  const at = { family: 'v4', path: PATH } as const
  return [
    { ...at, method: 'GET', handle: ({ tenant }) => json({ quotas: quotas.list(tenant) }) },
    { ...at, method: 'PUT', body: { shape: QUOTAS }, handle: (call) => set(quotas, call) },
  ]
}

async function set(quotas: Quotas, call: Call): Promise<Answer> {
  const body = checkedBody<QuotasBody>(call, QUOTAS)
  await quotas.set(call.tenant, Object.fromEntries(body.quotas.map(({ resource, limit = 0 }) => [resource, limit])))
  return EMPTY
}
