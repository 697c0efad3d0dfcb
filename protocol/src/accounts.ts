/** Documents of access control: accounts, roles, permissions and signing in. */
import { PATTERNS } from './patterns.ts'
import type { FieldSpec } from './shape.ts'
import { list, map, object, text } from './shape.ts'

/** A person or program that signs in. In answers it never has a password. */
export interface Account {
  readonly id?: string
  readonly name?: string
  readonly password?: string
  /** One role, as old clients give it; `roles` wins. */
  readonly role?: string
  readonly roles?: readonly string[]
  readonly tokenExpirationTime?: string
  readonly currentPassword?: string
  /** active or inactive; empty counts as active. */
  readonly status?: string
  readonly createTime?: string
  readonly updateTime?: string
}

/** What may be done with resources of some types. */
export interface Permission {
  readonly resources?: readonly Resource[]
  /** get, create, update, delete, or * for all; others mean nothing. */
  readonly verbs?: readonly string[]
}

/** Resources of one type; with labels only those that match every one of them. */
export interface Resource {
  readonly type?: string
  /** By environment, appId, serviceName, domain and project; a `*` stands for any characters. */
  readonly labels?: Readonly<Record<string, string>>
}

export interface Role {
  readonly id?: string
  readonly name?: string
  readonly perms?: readonly Permission[]
  readonly createTime?: string
  readonly updateTime?: string
}

const NAME = { min: 1, max: 64, pattern: PATTERNS.name }
const NAMED: FieldSpec = { rule: NAME }
const PASSWORD: FieldSpec = { rule: { pattern: PATTERNS.password }, secret: true }
const ROLES: FieldSpec = { shape: list(text), rule: { min: 1, max: 5, pattern: PATTERNS.name } }
const STATUS: FieldSpec = { rule: { pattern: PATTERNS.accountStatus } }
const LIFE: FieldSpec = { rule: { pattern: PATTERNS.tokenLife }, defaulted: true }

/** Body of POST accounts, and the stored account. */
export const ACCOUNT = object('Account', {
  id: { rule: { max: 64, pattern: PATTERNS.noSpace } },
  name: NAMED,
  password: PASSWORD,
  role: {},
  roles: ROLES,
  tokenExpirationTime: LIFE,
  status: STATUS,
  createTime: {},
  updateTime: {},
})

/** Body of PUT accounts. Roles that are not given stay as they are. */
export const ACCOUNT_CHANGE = object('Account', {
  role: {},
  roles: { ...ROLES, rule: { max: 5, pattern: PATTERNS.name } },
  status: STATUS,
})

export const PASSWORD_CHANGE = object('Account', { currentPassword: { secret: true }, password: PASSWORD })

export const SIGN_IN = object('Account', { name: {}, password: { secret: true }, tokenExpirationTime: LIFE })

export interface AccountBatch {
  readonly accounts: readonly (Account | null)[]
}
/** Each account is checked on its own, so that a bad one does not hinder the others. */
export const ACCOUNT_BATCH = object('BatchCreateAccountsRequest', {
  accounts: {
    rule: { min: 1, max: 20 },
    shape: list(
      object(
        'Account',
        Object.fromEntries(ACCOUNT.fields.map(({ name, shape }): [string, FieldSpec] => [name, { shape }])),
      ),
    ),
  },
})

const PERMISSION = object('Permission', {
  resources: {
    rule: { max: 100 },
    shape: list(
      object('Resource', {
        type: { rule: { max: 160, pattern: PATTERNS.labelPart } },
        labels: { shape: map, rule: { max: 16, pattern: PATTERNS.labelPart } },
      }),
    ),
  },
  verbs: { shape: list(text), rule: { max: 16, pattern: PATTERNS.labelPart } },
})
const PERMISSIONS: FieldSpec = { shape: list(PERMISSION), rule: { max: 100 } }

/** Body of POST roles, and the stored role. */
export const ROLE = object('Role', { id: {}, name: NAMED, perms: PERMISSIONS, createTime: {}, updateTime: {} })

/** Body of PUT roles: only the permissions are taken. */
export const ROLE_CHANGE = object('Role', { perms: PERMISSIONS })
