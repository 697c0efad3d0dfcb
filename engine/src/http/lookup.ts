import { KNOWN_TARGETS_MAX } from '../kernel/limits.ts'
import type { Match, Router } from './router.ts'
import type { Target } from './target.ts'
import { parseTarget } from './target.ts'

/** A request target with the row of the route table that it leads to. */
export interface Found {
  readonly target: Target
  readonly match: Match
}

/**
 * Finds the route of a request. Clients poll with the same targets over and over, so those of GET are remembered: that
 * saves a find half of the work before its handler. Without the memory it is `parseTarget` and `Router.match`.
 */
export class Lookup {
  readonly #router: Router
  readonly #known = new Map<string, Found>()

  constructor(router: Router) {
    this.#router = router
  }

  /** @throws Failure InvalidParameters for a target that is refused */
  find(method: string, url: string): Found {
    if (method !== 'GET') return this.#look(method, url)
    let found = this.#known.get(url)
    if (found === undefined) {
      found = this.#look(method, url)
      if (this.#known.size >= KNOWN_TARGETS_MAX) this.#known.clear()
      this.#known.set(url, found)
    }
    return found
  }

  #look(method: string, url: string): Found {
    const target = parseTarget(url)
    return { target, match: this.#router.match(method, target.path) }
  }
}
