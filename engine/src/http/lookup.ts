import type { Tenant } from '../domain/registry/index.ts'
import { KNOWN_TARGETS_MAX } from '../kernel/limits.ts'
import type { Match, Router } from './router.ts'
import type { RowCount } from './row-count.ts'
import type { Target } from './target.ts'
import { parseTarget } from './target.ts'
import { tenantOf } from './tenant.ts'

/** A request target with what it leads to. */
export interface Found {
  readonly target: Target
  readonly match: Match
  /** Whose data is asked for when no header names a domain; empty where there is none. */
  readonly defaultTenant: Tenant
  /** Where it is counted. */
  readonly count: RowCount
}

/**
 * Finds the route of a request. Clients send the same targets over and over, finds and heartbeats above all, so the
 * latest ones are remembered per method: that saves a heartbeat half of its work. What is not asked for again is
 * forgotten by the time that as many others have come. Without the memory it is `parseTarget` and `Router.match`.
 */
export class Lookup {
  readonly #router: Router
  readonly #countOf: (match: Match) => RowCount
  readonly #memories = new Map<string, Memory>()

  constructor(router: Router, countOf: (match: Match) => RowCount) {
    this.#router = router
    this.#countOf = countOf
  }

  /** @throws Failure InvalidParameters for a target that is refused */
  find(method: string, url: string): Found {
    let memory = this.#memories.get(method)
    if (memory === undefined) {
      if (!REMEMBERED.has(method)) return this.#look(method, url)
      memory = { recent: new Map(), older: new Map() }
      this.#memories.set(method, memory)
    }
    return memory.recent.get(url) ?? this.#remember(memory, url, memory.older.get(url) ?? this.#look(method, url))
  }

  #remember(memory: Memory, url: string, found: Found): Found {
    if (memory.recent.size >= KNOWN_TARGETS_MAX) {
      memory.older = memory.recent
      memory.recent = new Map()
    }
    memory.recent.set(url, found)
    return found
  }

  #look(method: string, url: string): Found {
    const target = parseTarget(url)
    const match = this.#router.match(method, target.path)
    const defaultTenant = 'route' in match ? tenantOf('default', match.route.family, match.params.project) : ''
    return { target, match, defaultTenant, count: this.#countOf(match) }
  }
}

const REMEMBERED: ReadonlySet<string> = new Set(['GET', 'PUT', 'POST'])

interface Memory {
  recent: Map<string, Found>
  older: ReadonlyMap<string, Found>
}
