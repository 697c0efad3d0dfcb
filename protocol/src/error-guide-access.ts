import type { ErrorGuide } from './words.ts'

/** What refusals of access control mean. */
export const ACCESS_GUIDE = {
  AccountNotFound: {
    meaning: ['There is no such account.', '没有此账号。'],
    causes: [['the name is misspelt, or the account was removed', '名称有误，或账号已删除']],
    remedy: ['See GET /v4/accounts.', '查看 GET /v4/accounts。'],
  },
  RoleNotFound: {
    meaning: ['There is no such role.', '没有此角色。'],
    causes: [['the name is misspelt, or the role was removed', '名称有误，或角色已删除']],
    remedy: ['See GET /v4/roles.', '查看 GET /v4/roles。'],
  },
  AccountRolesInvalid: {
    meaning: ['A role that the account shall have does not exist.', '要赋予账号的角色不存在。'],
    causes: [['the name of the role is misspelt', '角色名有误']],
    remedy: ['Make the role with POST /v4/roles first.', '先用 POST /v4/roles 创建角色。'],
  },
  AccountQuotaExceeded: {
    meaning: ['There are as many accounts as there may be.', '账号数量已达上限。'],
    causes: [['quota.accounts is reached', '已达到 quota.accounts']],
    remedy: [
      'Remove accounts, or raise the quota of tenant default/default.',
      '删除账号，或提高租户 default/default 的配额。',
    ],
  },
  RoleQuotaExceeded: {
    meaning: ['There are as many roles as there may be.', '角色数量已达上限。'],
    causes: [['quota.roles is reached', '已达到 quota.roles']],
    remedy: [
      'Remove roles, or raise the quota of tenant default/default.',
      '删除角色，或提高租户 default/default 的配额。',
    ],
  },
  RoleBound: {
    meaning: ['Somebody has this role.', '仍有账号拥有此角色。'],
    causes: [['accounts were not changed before their role was removed', '删除角色前没有先修改账号']],
    remedy: [
      'Give those accounts other roles first; `detail` names one.',
      '先为这些账号更换角色；`detail` 给出其中一个。',
    ],
  },
  NewPasswordRefused: {
    meaning: ['The new password is the old one.', '新密码与旧密码相同。'],
    causes: [['a password is changed to itself', '把密码改成了原密码']],
    remedy: ['Choose another.', '换一个密码。'],
  },
  Unauthorized: {
    meaning: ['No credential, or one that does not hold.', '没有凭据，或凭据无效。'],
    causes: [
      ['no Authorization header', '没有 Authorization 请求头'],
      ['the token has expired, was revoked, or is of another engine', '令牌已过期、被吊销或来自另一引擎'],
      ['wrong name or password', '用户名或密码错误'],
    ],
    remedy: [
      'Sign in with POST /v4/token and send `Authorization: Bearer TOKEN`. `detail` begins with the finer reason.',
      '用 POST /v4/token 登录并发送 `Authorization: Bearer 令牌`。`detail` 开头是更细的原因。',
    ],
  },
  HalfOpenUnauthorized: {
    meaning: [
      'Wrong name or password; services can be used without a token all the same.',
      '用户名或密码错误；但无需令牌也可使用微服务接口。',
    ],
    causes: [
      ['access control covers only some kinds of resources (auth.scope)', '访问控制只覆盖部分资源（auth.scope）'],
    ],
    remedy: ['Correct the password, or go on without a token.', '改正密码，或不带令牌继续使用。'],
  },
  AccountBlocked: {
    meaning: ['Too many wrong passwords for this name from this address.', '该地址上此账号的密码错误次数过多。'],
    causes: [['a program with an old password tries over and over', '程序用旧密码反复尝试']],
    remedy: [
      'Wait until the time in `detail`, then sign in with the right one.',
      '等到 `detail` 中的时间后用正确密码登录。',
    ],
  },
  BuiltInAccount: {
    meaning: ['The account root stays as it is.', '内置账号 root 不可修改。'],
    causes: [['roles or state of root were to be changed', '试图修改 root 的角色或状态']],
    remedy: ['Make another account. The password of root can be changed.', '创建其他账号。root 的密码可以修改。'],
  },
  BuiltInRole: {
    meaning: ['The roles admin and developer stay as they are.', '内置角色 admin 和 developer 不可修改。'],
    causes: [['a built-in role was to be changed or removed', '试图修改或删除内置角色']],
    remedy: ['Make a role of your own.', '创建自定义角色。'],
  },
  OwnAccount: {
    meaning: ['Nobody changes the rights of his own account.', '不能操作自己的账号。'],
    causes: [['an administrator named himself', '管理员指定了自己的账号']],
    remedy: ['Ask another administrator.', '请另一位管理员操作。'],
  },
  NoPermission: {
    meaning: ['The credential holds, but does not allow this.', '凭据有效，但没有此权限。'],
    causes: [
      ['no role of the account has the permission that `detail` names', '账号的角色没有 `detail` 所列权限'],
      ['the permission has labels that this service does not match', '权限的标签与该微服务不匹配'],
    ],
    remedy: ['An administrator adds the permission to one of the roles.', '由管理员为角色添加该权限。'],
  },
  AccountDuplicated: {
    meaning: ['There is an account of this name.', '已有同名账号。'],
    causes: [['it was made before', '此前已创建']],
    remedy: ['Change it with PUT, or choose another name.', '用 PUT 修改，或换一个名称。'],
  },
  RoleDuplicated: {
    meaning: ['There is a role of this name.', '已有同名角色。'],
    causes: [['it was made before', '此前已创建']],
    remedy: ['Change it with PUT, or choose another name.', '用 PUT 修改，或换一个名称。'],
  },
  TooManySignIns: {
    meaning: ['More people sign in than passwords can be checked.', '同时登录过多，来不及校验密码。'],
    causes: [
      ['clients sign in for every request instead of keeping the token', '客户端每次请求都登录，而没有保存令牌'],
    ],
    remedy: ['Try again in a while; keep tokens until shortly before they expire.', '稍后重试；令牌应保存到即将过期。'],
  },
} as const satisfies Readonly<Record<string, ErrorGuide>>

/** Service Center's finer codes, with which `detail` of 401002 begins. */
export const CREDENTIAL_REASONS = {
  '401201': ['The header or the token is not sound.', '请求头或令牌格式有误。'],
  '401202': ['Wrong name or password.', '用户名或密码错误。'],
  '401204': ['There is no credential.', '没有凭据。'],
  '401205': ['The token has expired.', '令牌已过期。'],
  '401206': ['The account of the token is gone, or not active.', '令牌对应的账号已不存在或被停用。'],
  '401207': ['The current password is wrong.', '当前密码错误。'],
} as const
