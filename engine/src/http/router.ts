import findMyWay from 'find-my-way'
import type { Route, SocketRoute } from './call.ts'

/** What a path and method lead to. */
export type Match =
  | { readonly kind: 'route'; readonly route: Route; readonly params: Params }
  | { readonly kind: 'socket'; readonly route: SocketRoute; readonly params: Params }
  /** `isPublic`: one of the rows that the path has under other methods is for everybody. */
  | { readonly kind: 'method'; readonly allowed: readonly string[]; readonly isPublic: boolean }
  | { readonly kind: 'none' }

/** A match with a row of the route table. */
export type RowMatch = Extract<Match, { readonly route: unknown }>

export type Params = Readonly<Record<string, string | undefined>>

const METHODS = ['DELETE', 'GET', 'POST', 'PUT'] as const
const NONE: Match = { kind: 'none' }
const PARAM_LENGTH_MAX = 2048

interface Stored {
  readonly route?: Route
  readonly socket?: SocketRoute
}

/** Finds the row of the route table that a request is for. */
export class Router {
  /** The whole route table. */
  readonly rows: readonly (Route | SocketRoute)[]
  readonly #tree = findMyWay({ caseSensitive: true, ignoreTrailingSlash: false, maxParamLength: PARAM_LENGTH_MAX })

  constructor(routes: readonly Route[], sockets: readonly SocketRoute[]) {
    this.rows = [...routes, ...sockets]
    const unused = () => {}
    for (const route of routes) this.#tree.on(route.method, route.path, unused, { route } satisfies Stored)
    for (const socket of sockets) this.#tree.on('GET', socket.path, unused, { socket } satisfies Stored)
  }

  match(method: string, path: string): Match {
    const found = this.#find(method, path)
    if (found !== undefined) return found
    const others = METHODS.filter((other) => other !== method).map((other) => [other, this.#find(other, path)] as const)
    const allowed = others.filter(([, match]) => match !== undefined).map(([other]) => other)
    const isPublic = others.some(([, match]) => match?.route.permission === 'public')
    return allowed.length === 0 ? NONE : { kind: 'method', allowed, isPublic }
  }

  #find(method: string, path: string): (Match & { kind: 'route' | 'socket' }) | undefined {
    const found = this.#tree.find(method as 'GET', path)
    if (found === null) return undefined
    const { route, socket } = found.store as Stored
    const params = found.params as Params
    // A parameter stands for at least one character.
    if ((path.endsWith('/') || path.includes('//')) && Object.values(params).includes('')) return undefined
    if (route !== undefined) return { kind: 'route', route, params }
    return socket === undefined ? undefined : { kind: 'socket', route: socket, params }
  }
}
