import type { Account, AccountBatch } from '@rollcall/protocol/accounts'
import { ACCOUNT, ACCOUNT_BATCH, ACCOUNT_CHANGE } from '@rollcall/protocol/accounts'
import { checkObject } from '@rollcall/protocol/check'
import { errorBody } from '@rollcall/protocol/errors'
import type { AccountNode, Accounts } from '../../domain/auth/index.ts'
import { Failure, fail } from '../../kernel/failure.ts'
import { EMPTY, json } from '../answers.ts'
import { jsonOf } from '../audited.ts'
import type { Answer, Audited, Call, Route } from '../call.ts'
import { check, checkedBody } from '../checked.ts'
import { toWire } from '../errors.ts'
import { may } from '../permission.ts'

const ALL = '/v4/accounts'
const ONE = `${ALL}/:name`

/** Accounts, for those who manage them. */
export function accountRoutes(accounts: Accounts): Route[] {
  const at = { family: 'plain' } as const
  return [
    { ...at, method: 'GET', path: ALL, permission: may('get', 'account'), handle: () => list(accounts) },
    {
      ...at,
      method: 'POST',
      path: ALL,
      permission: may('create', 'account'),
      audit: audited(accounts, 'account.create', askedName),
      body: { shape: ACCOUNT },
      handle: (call) => create(accounts, call),
    },
    {
      ...at,
      method: 'POST',
      path: `${ALL}/batch-create`,
      permission: may('create', 'account'),
      audit: audited(accounts, 'account.create', askedNames),
      body: { shape: ACCOUNT_BATCH },
      handle: (call) => createMany(accounts, call),
    },
    {
      ...at,
      method: 'GET',
      path: ONE,
      permission: may('get', 'account'),
      handle: ({ params }) => json(shown(accounts.get(params.name ?? ''))),
    },
    {
      ...at,
      method: 'PUT',
      path: ONE,
      permission: may('update', 'account'),
      audit: audited(accounts, 'account.update', pathName),
      body: { shape: ACCOUNT_CHANGE },
      handle: (call) => change(accounts, call),
    },
    {
      ...at,
      method: 'DELETE',
      path: ONE,
      permission: may('delete', 'account'),
      audit: audited(accounts, 'account.delete', pathName),
      handle: (call) => remove(accounts, call),
    },
    {
      ...at,
      method: 'GET',
      path: '/v4/account-locks',
      permission: may('get', 'account'),
      handle: () => locks(accounts),
    },
  ]
}

function pathName({ params }: Call): readonly string[] {
  return [params.name ?? '']
}

function askedName({ body }: Call): readonly string[] {
  return [(body as Account).name ?? '']
}

function askedNames({ body }: Call): readonly string[] {
  return ((body as Partial<AccountBatch>).accounts ?? []).map((account) => account?.name ?? '')
}

/** A change of accounts, which are shown as they are to everybody. */
function audited(accounts: Accounts, action: string, names: (call: Call) => readonly string[]): Audited {
  const state = (name: string) => jsonOf(() => shown(accounts.get(name)))
  return {
    action,
    resource: (call) => names(call).join(','),
    state: (call) => {
      const asked = names(call)
      if (asked.length === 1) return state(asked[0] ?? '')
      const known = asked.flatMap((name) => state(name) ?? [])
      return known.length === 0 ? undefined : `[${known.join(',')}]`
    },
  }
}

/** An account as it is shown: never its password, and in Service Center's order of members. */
function shown({ name, roles, record }: AccountNode): object {
  const { id, tokenExpirationTime, status = 'active', createTime, updateTime } = record
  return { id, name, roles, tokenExpirationTime: tokenExpirationTime || undefined, status, createTime, updateTime }
}

function list(accounts: Accounts): Answer {
  const found = accounts.list()
  return json({ total: found.length, data: found.map(shown) })
}

async function create(accounts: Accounts, call: Call): Promise<Answer> {
  await accounts.create(call.principal, checked(call.body as Account))
  return EMPTY
}

/** One role in the old spelling counts as a list of one. */
function checked(account: Account): Account {
  const { role, roles = role ? [role] : [] } = account
  const whole = { ...account, roles }
  check(ACCOUNT, whole)
  return whole
}

/** Each account is made or refused on its own. */
async function createMany(accounts: Accounts, call: Call): Promise<Answer> {
  const { accounts: asked } = call.body as Partial<AccountBatch>
  const violation = checkObject({ ...ACCOUNT_BATCH, fields: NUMBER_ONLY }, { accounts: asked ?? [] })
  if (violation !== undefined) return fail('InvalidParameters', violation)
  const results: object[] = []
  for (const account of asked ?? []) results.push(await createOne(accounts, call, account))
  return json({ accounts: results })
}

/** What is in the elements is looked at one by one. */
const NUMBER_ONLY = ACCOUNT_BATCH.fields.map((field) => ({
  ...field,
  shape: { kind: 'list', of: { kind: 'map' } } as const,
}))

async function createOne(accounts: Accounts, { principal }: Call, account: Account | null): Promise<object> {
  const name = account?.name ?? ''
  try {
    if (account === null) fail('InvalidParameters', 'invalid nil pointer')
    await accounts.create(principal, checked(account))
    return { name }
  } catch (thrown) {
    if (!(thrown instanceof Failure)) throw thrown
    const { row, detail } = toWire(thrown)
    return { name, ...errorBody(row, detail) }
  }
}

async function change(accounts: Accounts, call: Call): Promise<Answer> {
  const { role, roles = role ? [role] : [], status = '' } = checkedBody<Account>(call, ACCOUNT_CHANGE)
  if (roles.length === 0 && status === '') fail('InvalidParameters', 'roles or status must be given')
  await accounts.change(call.principal, call.params.name ?? '', { roles, status })
  return EMPTY
}

async function remove(accounts: Accounts, { principal, params }: Call): Promise<Answer> {
  await accounts.remove(principal, params.name ?? '')
  return EMPTY
}

function locks(accounts: Accounts): Answer {
  const data = accounts.locks()
  return json({ total: data.length, data })
}
