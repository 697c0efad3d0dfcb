import { beforeEach, describe, expect, test } from 'vitest'
import { startFeed } from '../../storage/feed.ts'
import { MemoryStore } from '../../storage/memory/memory-store.ts'
import type { Auth } from './auth.ts'
import { account, newGround, refusalOf, rootOf, startAuth } from './test-auth.ts'
import type { Principal } from './types.ts'

const PARTS = { MemoryStore, startFeed }
const SERVICES = [{ resources: [{ type: 'service' }], verbs: ['get'] }]
const OF_SHOP = [{ resources: [{ type: 'service', labels: { appId: 'shop' } }], verbs: ['get'] }]

let auth: Auth
let root: Principal
/** May manage accounts and roles, and read the services of the shop. */
let clerk: Principal

beforeEach(async () => {
  auth = await startAuth(await newGround(PARTS))
  root = rootOf(auth)
  const perms = [{ resources: [{ type: 'account' }, { type: 'role' }], verbs: ['*'] }, ...OF_SHOP]
  await auth.roles.create(root, { name: 'clerk', perms })
  await auth.accounts.create(root, account('clerk', { roles: ['clerk'] }))
  await auth.accounts.create(root, account('ann'))
  clerk = auth.view.principal('clerk') as Principal
})

const NONE = {}

describe('accounts', () => {
  const REFUSED: [string, () => Promise<void>, RegExp][] = [
    ['a name twice', () => auth.accounts.create(root, account('ann')), /^AccountDuplicated/],
    [
      'a role that is not there',
      () => auth.accounts.create(root, account('b', { roles: ['x'] })),
      /^AccountRolesInvalid/,
    ],
    ['its name as password', () => auth.accounts.create(root, account('b', { password: 'b' })), /^InvalidParameters/],
    ['root, changed', () => auth.accounts.change(clerk, 'root', NONE), /^BuiltInAccount/],
    ['root, removed', () => auth.accounts.remove(clerk, 'root'), /^BuiltInAccount/],
    ['oneself', () => auth.accounts.remove(clerk, 'clerk'), /^OwnAccount/],
    ['nobody', () => auth.accounts.remove(root, 'nobody'), /^AccountNotFound/],
    [
      'a role above one',
      () => auth.accounts.create(clerk, account('b', { roles: ['admin'] })),
      /^NoPermission only admin/,
    ],
    [
      'a wider one',
      () => auth.accounts.create(clerk, account('b', { roles: ['viewer'] })),
      /^NoPermission .*config:get/,
    ],
    ['somebody with more rights', () => auth.accounts.remove(clerk, 'ann'), /^NoPermission/],
  ]
  test.each(REFUSED)('refused: %s', async (_name, run, reason) => {
    expect(await refusalOf(run)).toMatch(reason)
  })

  test('the same role twice counts once', async () => {
    await auth.accounts.create(root, account('twice', { roles: ['viewer', 'viewer'] }))
    expect(auth.accounts.get('twice').roles).toEqual(['viewer'])
  })

  test('a name can be given once, however many try at the same time', async () => {
    const tries = Array.from({ length: 5 }, () => refusalOf(() => auth.accounts.create(root, account('race'))))
    expect((await Promise.all(tries)).sort().slice(0, 4)).toEqual(
      Array(4).fill('AccountDuplicated account is duplicated'),
    )
  })
})

describe('roles', () => {
  const REFUSED: [string, () => Promise<void>, RegExp][] = [
    ['a name twice', () => auth.roles.create(root, { name: 'viewer', perms: [] }), /^RoleDuplicated/],
    ['a built-in one', () => auth.roles.change(root, 'developer', []), /^BuiltInRole/],
    ['one that somebody has', () => auth.roles.remove(root, 'viewer'), /^RoleBound account \[ann\] has the role/],
    ['nobody’s', () => auth.roles.remove(root, 'nobody'), /^RoleNotFound/],
    [
      'an unknown label',
      () =>
        auth.roles.create(root, {
          name: 'r',
          perms: [{ resources: [{ type: 'service', labels: { team: 'a' } }], verbs: ['*'] }],
        }),
      /^InvalidParameters field 'Role.Perms': unknown label 'team'/,
    ],
    [
      'more than one has',
      () => auth.roles.create(clerk, { name: 'r', perms: SERVICES }),
      /^NoPermission .*service:get/,
    ],
    ['one with more rights, emptied', () => auth.roles.change(clerk, 'viewer', []), /^NoPermission/],
  ]
  test.each(REFUSED)('refused: %s', async (_name, run, reason) => {
    expect(await refusalOf(run)).toMatch(reason)
  })

  test('what one has may be given, also narrower', async () => {
    await auth.roles.create(clerk, { name: 'same', perms: OF_SHOP })
    const labels = { appId: 'shop', environment: 'testing' }
    await auth.roles.create(clerk, {
      name: 'narrower',
      perms: [{ resources: [{ type: 'service', labels }], verbs: ['get'] }],
    })
    expect(auth.roles.list().map(({ name }) => name)).toContain('narrower')
  })

  test('a role that is given while it is removed is either kept or not given', async () => {
    await auth.roles.create(root, { name: 'fleeting', perms: [] })
    const [given, removed] = await Promise.all([
      refusalOf(() => auth.accounts.create(root, account('late', { roles: ['fleeting'] }))),
      refusalOf(() => auth.roles.remove(root, 'fleeting')),
    ])
    const isThere = auth.view.role('fleeting') !== undefined
    const isHeld = auth.view.account('late') !== undefined
    expect({ given, removed, isDangling: isHeld && !isThere }).toMatchObject({ isDangling: false })
  })
})
