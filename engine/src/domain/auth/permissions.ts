import type { Permission } from '@rollcall/protocol/accounts'
import type { Labels, Principal, Reach, ResourceType, Verb } from './types.ts'

/** What a request touches, as labels see it. A member that is not there matches no label. */
export interface Target {
  readonly domain?: string
  readonly project?: string
  readonly environment?: string
  readonly appId?: string
  readonly serviceName?: string
}

const LABEL_NAMES: ReadonlySet<string> = new Set(['domain', 'project', 'environment', 'appId', 'serviceName'])
const VERBS: readonly Verb[] = ['get', 'create', 'update', 'delete']

/** The built-in role that may do everything. */
export const ADMIN = 'admin'
/** The built-in account that always has it. */
export const ROOT = 'root'

/** Stands for everybody while access control is off. */
export const EVERYBODY: Principal = { account: '', roles: [], isAdmin: true, permissions: [], grants: new Map() }

/** Somebody whose credential holds no more: he may do nothing. */
export const NOBODY: Principal = { account: '', roles: [], isAdmin: false, permissions: [], grants: new Map() }

/** A principal with these roles and permissions. */
export function principal(account: string, roles: readonly string[], permissions: readonly Permission[]): Principal {
  return { account, roles, isAdmin: roles.includes(ADMIN), permissions, grants: grantsOf(permissions) }
}

/** Permissions by `type:verb`: what is allowed without labels is allowed for everything. */
function grantsOf(permissions: readonly Permission[]): ReadonlyMap<string, Reach> {
  const grants = new Map<string, Reach>()
  for (const { resources = [], verbs = [] } of permissions) {
    for (const { type = '', labels = {} } of resources) {
      for (const verb of verbs.includes('*') ? VERBS : verbs) widen(grants, `${type}:${verb}`, labels)
    }
  }
  return grants
}

function widen(grants: Map<string, Reach>, id: string, labels: Labels): void {
  const known = grants.get(id) ?? []
  if (known === 'all') return
  grants.set(id, Object.keys(labels).length === 0 ? 'all' : [...known, labels])
}

/** How far the principal may go; undefined: nowhere. */
export function reachOf({ isAdmin, grants }: Principal, resource: ResourceType, verb: Verb): Reach | undefined {
  return isAdmin ? 'all' : grants.get(`${resource}:${verb}`)
}

/** Whether a target lies within reach. */
export function isWithin(reach: Reach | undefined, target: Target): boolean {
  if (reach === undefined) return false
  return reach === 'all' || reach.some((labels) => matches(labels, target))
}

/** Whether something of a tenant may lie within reach: what labels say about services is left to each of them. */
export function reachesTenant(reach: Reach, { domain, project }: Target): boolean {
  if (reach === 'all') return true
  const about = (labels: Labels): Labels =>
    Object.fromEntries(Object.entries(labels).filter(([name]) => name === 'domain' || name === 'project'))
  return reach.some((labels) => matches(about(labels), { ...tenantPart({ domain, project }) }))
}

function tenantPart({ domain, project }: { domain: string | undefined; project: string | undefined }): Target {
  return { ...(domain === undefined ? {} : { domain }), ...(project === undefined ? {} : { project }) }
}

function matches(labels: Labels, target: Target): boolean {
  return Object.entries(labels).every(([name, pattern]) => {
    const value = LABEL_NAMES.has(name) ? target[name as keyof Target] : undefined
    return value !== undefined && isLike(value, pattern)
  })
}

/** Whether a text is like a pattern, in which `*` stands for any characters; linear, whatever the pattern. */
function isLike(value: string, pattern: string): boolean {
  const parts = pattern.split('*')
  const [first = '', ...rest] = parts
  const last = rest.pop()
  if (last === undefined) return value === pattern
  if (!value.startsWith(first)) return false
  let at = first.length
  for (const part of rest) {
    const found = value.indexOf(part, at)
    if (found < 0) return false
    at = found + part.length
  }
  return value.length - last.length >= at && value.endsWith(last)
}

/**
 * The first permission that the principal does not hold itself, as `type:verb`; undefined when it holds them all.
 * Nobody may give away more than he has.
 */
export function missingFrom(holder: Principal, given: readonly Permission[]): string | undefined {
  if (holder.isAdmin) return undefined
  for (const [id, reach] of grantsOf(given)) {
    const own = holder.grants.get(id)
    if (own === 'all') continue
    const isCovered = (labels: Labels) => own?.some((mine) => isNarrower(labels, mine)) === true
    if (reach === 'all' || !reach.every(isCovered)) return id
  }
  return undefined
}

/** Whether every condition of `wide` stands in `narrow` too. */
function isNarrower(narrow: Labels, wide: Labels): boolean {
  return Object.entries(wide).every(([name, pattern]) => narrow[name] === pattern)
}

/** The name of a label that means nothing; undefined when all are known. */
export function unknownLabel(permissions: readonly Permission[]): string | undefined {
  for (const { resources = [] } of permissions) {
    for (const { labels = {}, type } of resources) {
      if (type === 'config') continue
      for (const name of Object.keys(labels)) if (!LABEL_NAMES.has(name)) return name
    }
  }
  return undefined
}
