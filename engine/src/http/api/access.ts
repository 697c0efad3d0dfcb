import type { Group } from './description.ts'
import { DONE } from './description.ts'
import { PASSWORD } from './scene.ts'
import { count, listOf, oneOf, record, ref, text, whole } from './schema.ts'

const ACCOUNTS = '/v4/accounts'
const ROLES = '/v4/roles'
const PERMS = [{ resources: [{ type: 'service', labels: { environment: 'testing' } }], verbs: ['get', 'update'] }]
const NOBODY = { name: 'unknown account', params: { name: 'nobody' }, refused: 'AccountNotFound' } as const
const NO_ROLE = { name: 'unknown role', params: { name: 'nobody' }, refused: 'RoleNotFound' } as const

const MADE = ['AccountRolesInvalid', 'AccountQuotaExceeded', 'AccountDuplicated', 'QuotaUnavailable'] as const

export const ACCESS: Group = {
  name: 'access',
  title: ['Accounts, roles, tokens', '账号、角色与令牌'],
  rows: {
    'POST /v4/token': {
      id: 'signIn',
      summary: ['Signs in: a token for a password', '登录：用密码换取令牌'],
      answers: { 200: record({ token: text }) },
      refusals: ['Unauthorized', 'HalfOpenUnauthorized', 'AccountBlocked', 'TooManySignIns'],
      examples: [
        { name: 'jo', body: { name: 'jo', password: PASSWORD } },
        { name: 'wrong password', body: { name: 'somebody', password: 'wrong' }, refused: 'Unauthorized' },
      ],
    },
    'GET /v4/self-perms': {
      id: 'ownPermissions',
      summary: ['What the caller may do', '调用方的权限'],
      answers: { 200: record({ perms: listOf(ref('Permission')) }) },
      examples: [{ name: 'ask' }],
    },
    [`POST ${ACCOUNTS}/:name/password`]: {
      id: 'changePassword',
      summary: ['Changes a password', '修改密码'],
      answers: DONE,
      refusals: [
        'Unauthorized',
        'Forbidden',
        'AccountNotFound',
        'NewPasswordRefused',
        'AccountBlocked',
        'TooManySignIns',
      ],
      examples: [
        { name: 'of jo', body: { password: 'Jo-likes-milk-5' } },
        { name: 'too simple', body: { password: 'simple' }, refused: 'InvalidParameters' },
      ],
    },
    [`GET ${ACCOUNTS}`]: {
      id: 'listAccounts',
      summary: ['All accounts', '全部账号'],
      answers: { 200: record({ total: count, data: listOf(ref('Account')) }) },
      examples: [{ name: 'all' }],
    },
    [`POST ${ACCOUNTS}`]: {
      id: 'createAccount',
      summary: ['Makes an account', '创建账号'],
      answers: DONE,
      refusals: [...MADE, 'NoPermission'],
      examples: [
        { name: 'kim', body: { name: 'kim', password: 'Kim-likes-tea-4', roles: ['reader'] } },
        { name: 'jo again', body: { name: 'jo', password: PASSWORD, roles: ['reader'] }, refused: 'AccountDuplicated' },
        {
          name: 'unknown role',
          body: { name: 'lee', password: PASSWORD, roles: ['pilot'] },
          refused: 'AccountRolesInvalid',
        },
      ],
    },
    [`POST ${ACCOUNTS}/batch-create`]: {
      id: 'createAccounts',
      summary: ['Makes accounts, each on its own', '批量创建账号，逐个处理'],
      answers: {
        200: record({
          accounts: listOf(
            record({
              name: text,
              'errorCode?': text,
              'errorMessage?': text,
              'errCode?': text,
              'errMsg?': text,
              'detail?': text,
            }),
          ),
        }),
      },
      examples: [
        { name: 'jo is there', body: { accounts: [{ name: 'jo', password: PASSWORD, roles: ['reader'] }] } },
        { name: 'none', body: { accounts: [] }, refused: 'InvalidParameters' },
      ],
    },
    [`GET ${ACCOUNTS}/:name`]: {
      id: 'getAccount',
      summary: ['One account', '查询账号'],
      answers: { 200: ref('Account') },
      refusals: ['AccountNotFound'],
      examples: [{ name: 'jo' }, NOBODY],
    },
    [`PUT ${ACCOUNTS}/:name`]: {
      id: 'changeAccount',
      summary: ['Changes roles or state of an account', '修改账号的角色或状态'],
      answers: DONE,
      refusals: ['AccountNotFound', 'AccountRolesInvalid', 'BuiltInAccount', 'OwnAccount'],
      examples: [
        { name: 'roles', body: { roles: ['reader'] } },
        { name: 'of root', params: { name: 'root' }, body: { roles: ['reader'] }, refused: 'BuiltInAccount' },
        { name: 'nothing', body: {}, refused: 'InvalidParameters' },
      ],
    },
    [`DELETE ${ACCOUNTS}/:name`]: {
      id: 'deleteAccount',
      summary: ['Removes an account', '删除账号'],
      answers: DONE,
      refusals: ['AccountNotFound', 'BuiltInAccount', 'OwnAccount'],
      examples: [{ name: 'jo' }, NOBODY],
    },
    'GET /v4/account-locks': {
      id: 'listLocks',
      summary: ['Who is locked out, or nearly, after wrong passwords', '因密码错误被锁定或接近锁定的账号'],
      answers: {
        200: record({
          total: count,
          data: listOf(record({ key: text, status: oneOf('attempted', 'banned'), releaseAt: whole })),
        }),
      },
      examples: [{ name: 'all' }],
    },
    [`GET ${ROLES}`]: {
      id: 'listRoles',
      summary: ['All roles', '全部角色'],
      answers: { 200: record({ total: count, data: listOf(ref('Role')) }) },
      examples: [{ name: 'all' }],
    },
    [`POST ${ROLES}`]: {
      id: 'createRole',
      summary: ['Makes a role', '创建角色'],
      answers: DONE,
      refusals: ['RoleDuplicated', 'RoleQuotaExceeded', 'QuotaUnavailable'],
      examples: [
        { name: 'tester', body: { name: 'tester', perms: PERMS } },
        { name: 'reader again', body: { name: 'reader', perms: PERMS }, refused: 'RoleDuplicated' },
      ],
    },
    [`GET ${ROLES}/:name`]: {
      id: 'getRole',
      summary: ['One role', '查询角色'],
      answers: { 200: ref('Role') },
      refusals: ['RoleNotFound'],
      examples: [{ name: 'reader', params: { name: 'reader' } }, NO_ROLE],
    },
    [`PUT ${ROLES}/:name`]: {
      id: 'changeRole',
      summary: ['Replaces what a role may do', '替换角色的权限'],
      answers: DONE,
      refusals: ['RoleNotFound', 'BuiltInRole'],
      examples: [
        { name: 'reader', params: { name: 'reader' }, body: { perms: PERMS } },
        { name: 'of admin', params: { name: 'admin' }, body: { perms: [] }, refused: 'BuiltInRole' },
      ],
    },
    [`DELETE ${ROLES}/:name`]: {
      id: 'deleteRole',
      summary: ['Removes a role', '删除角色'],
      answers: DONE,
      refusals: ['RoleNotFound', 'RoleBound', 'BuiltInRole'],
      examples: [
        { name: 'unused', params: { name: 'spare' } },
        { name: 'in use', params: { name: 'reader' }, refused: 'RoleBound' },
        NO_ROLE,
      ],
    },
  },
}
