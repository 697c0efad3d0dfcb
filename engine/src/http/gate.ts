import type { IncomingHttpHeaders } from 'node:http'
import type { Auth, AuthFailure, Principal } from '../domain/auth/index.ts'
import { EVERYBODY, isWithin, NOBODY, reachesTenant, reachOf, refuseCredential } from '../domain/auth/index.ts'
import type { KnownService, RegistryView } from '../domain/registry/index.ts'
import { fail } from '../kernel/failure.ts'
import type { Call, Need, Permission } from './call.ts'
import { nameOf } from './permission.ts'
import type { Sight } from './visible.ts'
import { sightOf, targetOf } from './visible.ts'

/** The one place that decides who may pass, before any handler. */
export interface Gate {
  /**
   * Who asks, if his credential holds and he may do this to anything at all.
   * @throws Unauthorized, NoPermission
   */
  admit(headers: IncomingHttpHeaders, permission: Permission): Principal
  /** Refuses what touches more than the caller may. @throws NoPermission */
  check(call: Call, permission: Permission): void
  /** What the caller may see from now on, on a connection that stays open; undefined: everything, for ever. */
  viewerOf(call: Call, permission: Permission): Viewer | undefined
}

/** Somebody on an open connection, with the rights that he has at the moment. */
export interface Viewer {
  /** Whether he may still be here. */
  isWelcome(): boolean
  sees(service: KnownService): boolean
  /** Which services of his tenant he may see; undefined: all. */
  sight(): Sight | undefined
}

/** Lets everybody pass: access control is off. */
const OPEN_GATE: Gate = { admit: () => EVERYBODY, check: () => {}, viewerOf: () => undefined }

interface Needs {
  readonly auth: Auth
  readonly registry: RegistryView
  /** Whether WebSockets open without a credential too. */
  readonly opensSockets: boolean
}

/** The gate of an engine. */
export function gateOf(auth: Auth | undefined, registry: RegistryView, opensSockets: boolean): Gate {
  return auth === undefined ? OPEN_GATE : new TokenGate({ auth, registry, opensSockets })
}

/** Asks for tokens. Whatever is not allowed is refused. */
class TokenGate implements Gate {
  readonly #auth: Auth
  readonly #registry: RegistryView
  readonly #opensSockets: boolean

  constructor({ auth, registry, opensSockets }: Needs) {
    this.#auth = auth
    this.#registry = registry
    this.#opensSockets = opensSockets
  }

  admit(headers: IncomingHttpHeaders, permission: Permission): Principal {
    if (permission === 'public') return EVERYBODY
    if (permission === 'signed-in') return this.#principal(headers)
    if (!this.#auth.covers(permission.resource)) return EVERYBODY
    if (permission.isSocket === true && this.#opensSockets && !hasCredential(headers)) return EVERYBODY
    const principal = this.#principal(headers)
    if (reachOf(principal, permission.resource, permission.verb) === undefined) refuse(permission, '')
    return principal
  }

  check(call: Call, permission: Permission): void {
    const { principal } = call
    if (principal.isAdmin || typeof permission === 'string') return
    const reach = reachOf(principal, permission.resource, permission.verb)
    if (reach === 'all') return
    const tenant = targetOf(call.tenant)
    if (reach === undefined || !reachesTenant(reach, tenant)) refuse(permission, ` in ${call.tenant}`)
    const { scope } = permission
    if (scope === undefined) {
      if (!isWithin(reach, tenant)) refuse(permission, ` for all of ${call.tenant}`)
    } else if (scope !== 'shown') {
      for (const labels of scope(call, this.#registry)) {
        if (!isWithin(reach, { ...tenant, ...labels })) refuse(permission, ' for this service')
      }
    }
  }

  viewerOf(call: Call, permission: Permission): Viewer | undefined {
    if (call.principal === EVERYBODY) return undefined
    const current = () => this.#auth.tokens.current(call.principal) ?? NOBODY
    return {
      isWelcome: () => this.#isAllowed({ ...call, principal: current() }, permission),
      sees: (service) => isWithin(reachOf(current(), 'service', 'get'), targetOf(service.tenant, service)),
      sight: () => sightOf({ ...call, principal: current() }),
    }
  }

  #isAllowed(call: Call, permission: Permission): boolean {
    try {
      this.check(call, permission)
      return true
    } catch {
      return false
    }
  }

  #principal(headers: IncomingHttpHeaders): Principal {
    const authorization = bearerOf(headers)
    if (authorization !== '') {
      const blank = authorization.indexOf(' ')
      const token = authorization.slice(blank + 1)
      // Any word may stand before the token, as in Service Center, but exactly one.
      if (blank <= 0 || token === '' || token.includes(' ')) return refuseCredential('401201', 'invalid auth header')
      return this.#auth.tokens.principal(token)
    }
    const token = headers['x-auth-token']
    if (typeof token === 'string' && token !== '') return this.#auth.tokens.principal(token)
    return refuseCredential('401204', 'No authorization header')
  }
}

function hasCredential(headers: IncomingHttpHeaders): boolean {
  return bearerOf(headers) !== '' || Boolean(headers['x-auth-token'])
}

/** Word and token; behind gateways that keep `Authorization` for themselves they come under the other name. */
function bearerOf(headers: IncomingHttpHeaders): string {
  return headers.authorization || (headers['x-authorization'] as string | undefined) || ''
}

/** Names the permission that is missing, and nothing that the caller may not see. */
function refuse(need: Need, where: string): never {
  return fail<AuthFailure>('NoPermission', `role has no permissions${nameOf(need)}${where}`)
}
