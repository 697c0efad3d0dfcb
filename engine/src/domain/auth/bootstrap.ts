import { randomInt } from 'node:crypto'
import type { Permission, Role } from '@rollcall/protocol/accounts'
import { PATTERNS } from '@rollcall/protocol/patterns'
import type { Clock } from '../../kernel/clock.ts'
import type { NewId } from '../../kernel/ids.ts'
import { Secret } from '../../kernel/secret.ts'
import type { Committer } from '../../storage/commit.ts'
import type { Write } from '../../storage/store.ts'
import { keys } from './keys.ts'
import type { Passwords } from './passwords.ts'
import { ADMIN, ROOT } from './permissions.ts'
import { AuthStartError } from './types.ts'
import type { AuthView } from './view.ts'

interface Needs {
  readonly view: AuthView
  readonly committer: Committer
  readonly clock: Clock
  readonly newId: NewId
  readonly passwords: Passwords
}

/** How root comes to its password. */
export interface RootWish {
  /** Undefined: one is made up. */
  readonly password: Secret | undefined
  /** Gives root a new password even if it has one. */
  readonly reset: boolean
}

const perms = (verbs: readonly string[], ...types: readonly string[]): Permission => ({
  resources: types.map((type) => ({ type })),
  verbs,
})
const REGISTRY = ['config', 'service', 'governance', 'ops', 'service/schema']

/** Roles of Service Center, which every engine has and nobody may change. */
const BUILT_IN: Readonly<Record<string, readonly Permission[]>> = {
  [ADMIN]: [perms(['*'], 'account', 'config', 'role', 'service', 'governance', 'ops', 'service/schema')],
  developer: [perms(['*'], ...REGISTRY)],
}

/** Roles that a new engine has besides; they can be changed and removed like any other. */
const READY_MADE: Readonly<Record<string, readonly Permission[]>> = {
  viewer: [perms(['get'], 'config', 'service', 'governance', 'service/schema')],
  operator: [
    perms(['get'], 'account', 'role', 'config', 'service', 'service/schema'),
    perms(['*'], 'governance', 'ops'),
    perms(['update'], 'service'),
  ],
}

/** Stores what access control cannot be without. @returns the password of root, if it was made up just now */
export async function bootstrap(needs: Needs, root: RootWish): Promise<Secret | undefined> {
  await ensureRoles(needs)
  const mustHave = needs.view.account(ROOT) === undefined || root.reset
  if (!mustHave) return undefined
  if (root.password !== undefined) checkRootPassword(root.password)
  const password = root.password ?? madeUp()
  const isStored = await storeRoot(needs, password, root.reset)
  return isStored && root.password === undefined ? password : undefined
}

async function ensureRoles({ view, committer, clock, newId }: Needs): Promise<void> {
  await committer.change(() => {
    const isNew = view.role(ADMIN) === undefined
    const wanted = Object.entries(isNew ? { ...BUILT_IN, ...READY_MADE } : BUILT_IN)
    const missing = wanted.filter(([name]) => view.role(name) === undefined)
    const time = seconds(clock)
    const writes = missing.map(([name, permissions]): Write => {
      const role: Role = { id: newId(), name, perms: permissions, createTime: time, updateTime: time }
      return { key: keys.role(name), value: JSON.stringify(role) }
    })
    const guards = writes.map(({ key }) => ({ key, revision: 0 }))
    return { guards, writes, result: undefined }
  })
}

/** @returns false when another engine was faster */
async function storeRoot(
  { view, committer, clock, newId, passwords }: Needs,
  password: Secret,
  reset: boolean,
): Promise<boolean> {
  const hash = await passwords.hash(password)
  return committer.change(() => {
    const before = view.account(ROOT)
    if (before !== undefined && !reset) return { guards: [], writes: [], result: false }
    const time = seconds(clock)
    const fresh = { id: newId(), name: ROOT, password: hash, roles: [ADMIN], status: 'active', createTime: time }
    const record = { ...fresh, ...before?.record, password: hash, roles: [ADMIN], status: 'active', updateTime: time }
    return {
      guards: [{ key: keys.account(ROOT), revision: before?.revision ?? 0 }],
      writes: [
        { key: keys.account(ROOT), value: JSON.stringify(record) },
        { key: keys.binding(ADMIN, ROOT), value: '' },
      ],
      result: true,
    }
  })
}

/** Passwords of guides and samples, in lower case: whoever reads them can sign in. */
const SAMPLES: ReadonlySet<string> = new Set([
  'complicated_password1',
  'complicated_password2',
  'complicated_password3',
  'changeme_123',
  'changeme@123',
  'admin@123',
  'admin_123',
  'root@123',
  'root_123',
  'huawei@123',
  'huawei12#$',
  'password@1',
  'password@123',
  'password123!',
  'passw0rd!',
  'p@ssw0rd',
  'p@ssw0rd1',
  'abcd1234!',
  'abc@1234',
  'qwer@1234',
  'welcome@123',
])

/** @throws AuthStartError */
function checkRootPassword(password: Secret): void {
  const text = password.reveal()
  const { password: rule } = PATTERNS
  if (!rule.test(text)) throw new AuthStartError(`The password for root is too weak: it must have ${rule.text}.`)
  if (SAMPLES.has(text.toLowerCase())) {
    throw new AuthStartError('The password for root is one that stands in guides and samples. Choose your own.')
  }
}

const KINDS = ['ABCDEFGHJKLMNPQRSTUVWXYZ', 'abcdefghijkmnopqrstuvwxyz', '23456789', '-_.+=%@'] as const
const MADE_UP_LENGTH = 24

/** A random password of all four kinds of characters, without those that look alike. */
function madeUp(): Secret {
  const pick = (from: string) => from[randomInt(from.length)] ?? ''
  const all = KINDS.join('')
  const characters = Array.from({ length: MADE_UP_LENGTH }, (_, index) => pick(KINDS[index] ?? all))
  for (let last = characters.length - 1; last > 0; last--) {
    const other = randomInt(last + 1)
    ;[characters[last], characters[other]] = [characters[other] ?? '', characters[last] ?? '']
  }
  return new Secret(characters.join(''))
}

function seconds(clock: Clock): string {
  return String(Math.floor(clock.now() / 1000))
}
