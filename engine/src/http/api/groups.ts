import type { Route, SocketRoute } from '../call.ts'
import { ACCESS } from './access.ts'
import { CONTRACTS, DEPENDENCIES } from './contracts.ts'
import type { Description, Group } from './description.ts'
import { DISCOVERY } from './discovery.ts'
import { INSTANCES } from './instances.ts'
import { METRIC_ROWS, TRANSACTION_ROWS } from './monitoring.ts'
import { AUDIT, ENVIRONMENTS, POLICIES } from './operators.ts'
import { SERVICES } from './services.ts'
import { GOVERNANCE, OPERATIONS, SYSTEM } from './system.ts'

/** What the document says, in its order. */
export const GROUPS: readonly Group[] = [
  SERVICES,
  INSTANCES,
  DISCOVERY,
  CONTRACTS,
  DEPENDENCIES,
  ENVIRONMENTS,
  POLICIES,
  GOVERNANCE,
  METRIC_ROWS,
  TRANSACTION_ROWS,
  OPERATIONS,
  ACCESS,
  AUDIT,
  SYSTEM,
]

/** A row of the route table with what is said about it. */
export interface DescribedRow {
  readonly method: string
  readonly row: Route | SocketRoute
  readonly group: Group
  readonly description: Description
  /** The same row under the older prefix. */
  readonly isLegacy: boolean
}

const LEGACY = '/registry/v3'

/** Rows that are pages for people, no API. */
const isPage = ({ path }: Route | SocketRoute) => path === '/' || path.startsWith('/console')

/** How a row is named: `METHOD path`. */
function keyOf(row: Route | SocketRoute): string {
  return `${'method' in row ? row.method : 'GET'} ${row.path}`
}

/** A path as OpenAPI writes it: `{name}` for one segment. */
export function pathOf({ path }: Route | SocketRoute): string {
  return path.replaceAll(/:(\w+)/g, '{$1}')
}

/** The route table with what is said about it. */
export interface Table {
  readonly described: readonly DescribedRow[]
  /** Names of rows that nobody has described. */
  readonly missing: readonly string[]
}

/** Joins rows with their descriptions. */
export function describe(rows: readonly (Route | SocketRoute)[]): Table {
  const described: DescribedRow[] = []
  const missing: string[] = []
  for (const row of rows) {
    if (isPage(row)) continue
    const isLegacy = row.path.startsWith(LEGACY)
    const path = isLegacy ? `/v4/:project/registry${row.path.slice(LEGACY.length)}` : row.path
    const method = 'method' in row ? row.method : 'GET'
    const group = GROUPS.find(({ rows: known }) => known[`${method} ${path}`] !== undefined)
    const description = group?.rows[`${method} ${path}`]
    if (group === undefined || description === undefined) missing.push(keyOf(row))
    else described.push({ method, row, group, description, isLegacy })
  }
  return { described, missing }
}
