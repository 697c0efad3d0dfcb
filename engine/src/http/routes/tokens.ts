import type { Account } from '@rollcall/protocol/accounts'
import { PASSWORD_CHANGE, SIGN_IN } from '@rollcall/protocol/accounts'
import type { Auth } from '../../domain/auth/index.ts'
import { Secret } from '../../kernel/secret.ts'
import { EMPTY, json } from '../answers.ts'
import type { Answer, Audited, Call, Route } from '../call.ts'
import { checkedBody } from '../checked.ts'

/** Names of accounts; what else is typed there may be a password. */
const NAME = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/

/** Every attempt, also one that succeeds; in the name that was given. */
const SIGN_IN_AUDIT: Audited = { action: 'account.sign-in', resource: claimedName, account: claimedName }

/** Signing in, and what everybody who has signed in may ask and change about himself. */
export function tokenRoutes(auth: Auth): Route[] {
  const at = { family: 'plain' } as const
  return [
    {
      ...at,
      method: 'POST',
      path: '/v4/token',
      permission: 'public',
      audit: SIGN_IN_AUDIT,
      body: { shape: SIGN_IN },
      handle: (call) => signIn(auth, call),
    },
    {
      ...at,
      method: 'GET',
      path: '/v4/self-perms',
      permission: 'signed-in',
      handle: ({ principal }) => json({ perms: principal.permissions }),
    },
    {
      ...at,
      method: 'POST',
      path: '/v4/accounts/:name/password',
      permission: 'signed-in',
      audit: { action: 'account.password', resource: ({ params }) => params.name ?? '' },
      body: { shape: PASSWORD_CHANGE },
      handle: (call) => changePassword(auth, call),
    },
  ]
}

function claimedName({ body }: Call): string {
  const { name = '' } = body as Account
  return NAME.test(name) ? name : ''
}

async function signIn({ signIn: desk }: Auth, call: Call): Promise<Answer> {
  const { name = '', password = '', tokenExpirationTime = '' } = checkedBody<Account>(call, SIGN_IN)
  const credentials = { name, password: new Secret(password), tokenLife: tokenExpirationTime, address: call.address }
  return json({ token: await desk.token(credentials) })
}

async function changePassword({ accounts }: Auth, call: Call): Promise<Answer> {
  const { currentPassword = '', password = '' } = checkedBody<Account>(call, PASSWORD_CHANGE)
  await accounts.changePassword(call.principal, {
    name: call.params.name ?? '',
    current: new Secret(currentPassword),
    password: new Secret(password),
    address: call.address,
  })
  return EMPTY
}
