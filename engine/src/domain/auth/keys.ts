/** Where access control lives in the store: Service Center's etcd layout (its datasource/etcd/path), and our keys. */
export const PREFIXES = {
  accounts: '/cse-sr/accounts/',
  roles: '/cse-sr/roles/',
  locks: '/cse-sr/account-locks/',
  /** Pairs of keys that sign tokens. Service Center has them in files. */
  signingKeys: '/rollcall/auth/signing-keys/',
} as const

const BINDINGS = '/cse-sr/idx-role-account/'

export const keys = {
  account: (name: string) => `${PREFIXES.accounts}${name}`,
  role: (name: string) => `${PREFIXES.roles}${name}`,
  /** Below it, one key for each account that has the role. */
  bindingsOf: (role: string) => `${BINDINGS}${role}/`,
  binding: (role: string, account: string) => `${BINDINGS}${role}/${account}`,
  lock: (key: string) => `${PREFIXES.locks}${key}`,
  signingKey: (id: string) => `${PREFIXES.signingKeys}${id}`,
} as const
