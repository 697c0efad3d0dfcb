import type { Auth } from '../../domain/auth/index.ts'
import type { Route } from '../call.ts'
import { accountRoutes } from './accounts.ts'
import { roleRoutes } from './roles.ts'
import { tokenRoutes } from './tokens.ts'

/** Everything about access control; without it clients get 404 and read: no tokens are needed. */
export function accessRoutes(auth: Auth | undefined): Route[] {
  return auth === undefined ? [] : [...tokenRoutes(auth), ...accountRoutes(auth.accounts), ...roleRoutes(auth.roles)]
}
