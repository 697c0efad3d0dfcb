import type { LimitSource, Limits, QuotaFailure } from '../domain/quota/index.ts'
import { QUOTA_RESOURCES } from '../domain/quota/index.ts'
import type { Clock } from '../kernel/clock.ts'
import { fail } from '../kernel/failure.ts'
import { QUOTA_ANSWERS_MAX, QUOTA_LIMIT_MAX, QUOTA_QUESTIONS_MAX } from '../kernel/limits.ts'
import type { Log } from '../kernel/log.ts'
import { Breaker } from './breaker.ts'
import { Questions } from './question.ts'

interface Needs {
  /** Where the service is; `/{domain}/{project}` is appended. */
  readonly url: string
  /** How long an answer may take. */
  readonly timeoutMs: number
  /** How long an answer is good for. */
  readonly cacheSeconds: number
  /** How long the service is left alone after it has failed several times in a row. */
  readonly pauseSeconds: number
  /** For resources that an answer does not name. */
  readonly defaults: Limits
  readonly clock: Clock
  readonly log: Log
}

interface Answered {
  readonly limits: Limits
  /** On the clock that never jumps. */
  readonly untilMs: number
}

/** Limits that another service keeps; the contract is `docs/quota-service.md`. What there is, is still counted here. */
export class RemoteLimits implements LimitSource {
  readonly #needs: Needs
  readonly #questions: Questions
  readonly #breaker: Breaker
  readonly #answers = new Map<string, Answered>()
  /** Questions under way: whoever asks for the same tenant meanwhile waits for the same answer. */
  readonly #pending = new Map<string, Promise<Limits>>()
  #isFailing = false

  constructor(needs: Needs) {
    this.#needs = needs
    this.#questions = new Questions(needs)
    this.#breaker = new Breaker(needs.clock, needs.pauseSeconds * 1000)
  }

  limits(tenant: string): Limits | Promise<Limits> {
    const known = this.#answers.get(tenant)
    if (known !== undefined && this.#needs.clock.monotonic() < known.untilMs) return known.limits
    return this.#pending.get(tenant) ?? this.#ask(tenant)
  }

  async set(): Promise<void> {
    fail<QuotaFailure>('Forbidden', `limits are kept by the quota service ${this.#needs.url}`)
  }

  #ask(tenant: string): Promise<Limits> {
    if (this.#pending.size >= QUOTA_QUESTIONS_MAX) unavailable('too many questions are waiting for its answers')
    if (!this.#breaker.admits()) unavailable(`it has failed several times and is asked again later`)
    const asked = this.#answer(tenant).finally(() => this.#pending.delete(tenant))
    this.#pending.set(tenant, asked)
    return asked
  }

  async #answer(tenant: string): Promise<Limits> {
    const { url, defaults, clock, cacheSeconds } = this.#needs
    const path = tenant.split('/').map(encodeURIComponent).join('/')
    try {
      const limits = { ...defaults, ...readLimits(await this.#questions.get(new URL(`${withSlash(url)}${path}`))) }
      if (this.#answers.size >= QUOTA_ANSWERS_MAX) this.#answers.clear()
      this.#answers.set(tenant, { limits, untilMs: clock.monotonic() + cacheSeconds * 1000 })
      this.#note(undefined)
      return limits
    } catch (error) {
      this.#note(error as Error)
      return unavailable((error as Error).message)
    }
  }

  /** Keeps the breaker informed, and says once that the service fails, and once that it is well again. */
  #note(error: Error | undefined): void {
    const { log, url } = this.#needs
    if (error === undefined) this.#breaker.succeeded()
    else this.#breaker.failed()
    if (this.#isFailing === (error !== undefined)) return
    this.#isFailing = error !== undefined
    if (error === undefined) log.info({ url }, 'the quota service answers again')
    else log.warn({ url, err: error }, 'the quota service fails; what needs quota is refused')
  }
}

function withSlash(url: string): string {
  return url.endsWith('/') ? url : `${url}/`
}

function unavailable(reason: string): never {
  return fail<QuotaFailure>('QuotaUnavailable', `the quota service did not say what is allowed: ${reason}`)
}

/** The limits of an answer; resources that are not known here are passed over. @throws Error when it has another form */
function readLimits(answer: unknown): Partial<Limits> {
  const { quotas } = (answer ?? {}) as { readonly quotas?: unknown }
  if (!Array.isArray(quotas)) throw new Error('its answer has no list "quotas"')
  const known: readonly string[] = QUOTA_RESOURCES
  const limits: Record<string, number> = {}
  for (const entry of quotas) {
    const { resource, limit } = (entry ?? {}) as { readonly resource?: unknown; readonly limit?: unknown }
    if (typeof resource !== 'string' || !Number.isInteger(limit) || !isIn(limit as number)) {
      throw new Error('its answer has an entry without a resource and a limit that is a whole number')
    }
    if (known.includes(resource)) limits[resource] = limit as number
  }
  return limits
}

function isIn(limit: number): boolean {
  return limit >= 0 && limit <= QUOTA_LIMIT_MAX
}
