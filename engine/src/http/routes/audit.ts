import type { AuditPage } from '@rollcall/protocol/audit'
import type { AuditSearch } from '../../domain/audit/index.ts'
import { auditCursor } from '../../domain/audit/index.ts'
import { OWN_TENANT } from '../../domain/registry/index.ts'
import { fail } from '../../kernel/failure.ts'
import { json } from '../answers.ts'
import type { Call, Query, Route } from '../call.ts'
import { may } from '../permission.ts'

/** Reads the audit log. */
interface Trail {
  search(asked: AuditSearch): Promise<AuditPage>
}

const LIMIT = { default: 100, max: 1000 }
const TIME = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?(?:Z|[+-]\d\d:\d\d))?$/

/** The audit log, for those who may read it: of a type of its own, so that operating an engine is not enough. */
export function auditRoutes(trail: Trail): Route[] {
  return [
    {
      method: 'GET',
      family: 'v4',
      path: '/v4/:project/admin/audit',
      permission: may('get', 'audit'),
      handle: async (call) => json(await trail.search(searchOf(call))),
    },
  ]
}

/** @throws Failure InvalidParameters naming parameter and rule */
function searchOf({ tenant, query }: Call): AuditSearch {
  return {
    tenant: tenantOf(tenant, query),
    since: timeOf(query, 'since', 0),
    until: timeOf(query, 'until', Number.MAX_SAFE_INTEGER),
    account: query.get('account'),
    address: query.get('address'),
    action: query.get('action'),
    resource: query.get('resource'),
    result: query.get('result'),
    text: query.get('text'),
    limit: limitOf(query),
    after: auditCursor(query.get('cursor')),
  }
}

/** From the engine's own tenant everything can be seen, also what belongs to no tenant; from others what is theirs. */
function tenantOf(tenant: string, query: Query): string | undefined {
  const asked = query.get('tenant')
  if (tenant === OWN_TENANT) return asked === '' ? undefined : asked
  if (asked !== '' && asked !== tenant) fail('Forbidden', `tenant: only ${OWN_TENANT} can ask for others`)
  return tenant
}

/** Milliseconds since the epoch, or a date, with a time and its zone if you like. */
function timeOf(query: Query, name: string, fallback: number): number {
  const text = query.get(name)
  if (text === '') return fallback
  const ms = /^\d{1,15}$/.test(text) ? Number(text) : TIME.test(text) ? Date.parse(text) : Number.NaN
  return Number.isNaN(ms) ? fail('InvalidParameters', `${name}: must be milliseconds or like 2030-12-31T23:59:59Z`) : ms
}

function limitOf(query: Query): number {
  const text = query.get('limit')
  const limit = text === '' ? LIMIT.default : /^\d{1,6}$/.test(text) ? Number(text) : 0
  const isSound = limit >= 1 && limit <= LIMIT.max
  return isSound ? limit : fail('InvalidParameters', `limit: must be a whole number from 1 to ${LIMIT.max}`)
}
