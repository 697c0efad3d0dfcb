import type { Clock } from '../../kernel/clock.ts'
import { SUBSCRIBERS_PER_NAME_MAX } from '../../kernel/limits.ts'
import type { NameGroup } from './name-group.ts'
import type { KnownService } from './types.ts'

/** The latest find of one consumer for one name. */
export interface Poll {
  /** Of the answer it got, or has and was told to keep. */
  revision: string
  /** Milliseconds since the Unix epoch. */
  atMs: number
  tags: readonly string[]
  versionRule: string
}

/**
 * What each consumer was answered last, by the name it asked for; in memory, of this engine only. A find that is
 * repeated changes the members of what is there and allocates nothing.
 */
export class Polls {
  readonly #clock: Clock
  readonly #byName = new WeakMap<NameGroup, Map<KnownService, Poll>>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  note(group: NameGroup, consumer: KnownService, asked: Omit<Poll, 'atMs'>): void {
    const poll = this.#byName.get(group)?.get(consumer)
    if (poll === undefined) {
      this.#add(group, consumer, { ...asked, atMs: this.#clock.now() })
      return
    }
    poll.revision = asked.revision
    poll.atMs = this.#clock.now()
    poll.tags = asked.tags
    poll.versionRule = asked.versionRule
  }

  /** Who asked for this name, whether or not it still exists. */
  of(group: NameGroup): ReadonlyMap<KnownService, Poll> {
    return this.#byName.get(group) ?? new Map()
  }

  /** Beyond the limit the one that came first is forgotten; it comes back with its next find. */
  #add(group: NameGroup, consumer: KnownService, poll: Poll): void {
    let polls = this.#byName.get(group)
    if (polls === undefined) {
      polls = new Map()
      this.#byName.set(group, polls)
    }
    if (polls.size >= SUBSCRIBERS_PER_NAME_MAX) {
      const [first] = polls.keys()
      if (first !== undefined) polls.delete(first)
    }
    polls.set(consumer, poll)
  }
}
