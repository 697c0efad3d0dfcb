import { RawConnection } from '../conformance/wire/raw-connection.ts'
import { applyWrite, fingerprint, generatedId, type ServiceState, type TenantState, type Write } from './crash-model.ts'
import type { SeededRandom } from './crash-random.ts'
import { exchange, readTenant, requestOf } from './crash-requests.ts'

const STATUSES = ['UP', 'DOWN', 'STARTING', 'TESTING', 'OUTOFSERVICE']
const SERVICES_MAX = 6
const INSTANCES_MAX = 5

interface Refusal {
  readonly code: string
  readonly text: string
}

/** What became of the write that was under way when the engine was killed. */
export type InFlight = 'none' | 'there' | 'not there'

/** Writes into a tenant of its own, one request after the other, and knows what has been acknowledged. */
export class CrashWriter {
  readonly #domain: string
  readonly #random: SeededRandom
  #state: TenantState = {}
  #inFlight: Write | undefined
  #count = 0
  acknowledged = 0

  constructor(domain: string, random: SeededRandom) {
    this.#domain = domain
    this.#random = random
  }

  /** Writes until the engine is gone. @throws Error when it refuses a write that is right */
  async writeOn(url: URL): Promise<void> {
    // The engine may be gone before this writer has come to it.
    const connection = await RawConnection.open(url).catch(() => undefined)
    if (connection === undefined) return
    const refusal = await this.#writeOver(connection, Number.POSITIVE_INFINITY)
    if (refusal !== undefined) throw new Error(refusal.text)
  }

  /** Writes until so many more are acknowledged; what is refused meanwhile leaves nothing. @throws Error when the engine is gone */
  async writeThrough(url: URL, count: number): Promise<void> {
    for (const end = this.acknowledged + count; this.acknowledged < end; ) {
      const refusal = await this.#writeOver(await RawConnection.open(url), end - this.acknowledged)
      if (refusal === undefined && this.#inFlight !== undefined) throw new Error('the engine is gone')
      this.#inFlight = undefined
    }
  }

  /** Writes until one is refused, which leaves nothing. @returns the code of the refusal, undefined when the engine is gone */
  async writeUntilFull(url: URL): Promise<string | undefined> {
    const refusal = await this.#writeOver(await RawConnection.open(url), Number.POSITIVE_INFINITY)
    this.#inFlight = undefined
    return refusal?.code
  }

  async #writeOver(connection: RawConnection, count: number): Promise<Refusal | undefined> {
    try {
      for (let written = 0; written < count; written++) {
        const write = this.#nextWrite()
        this.#inFlight = write
        const answer = await exchange(connection, this.#domain, requestOf(write))
        if (answer === undefined) return undefined
        if (answer.status !== 200) {
          const text = `${JSON.stringify(write)} was refused: ${answer.status} ${answer.body}`
          return { code: JSON.parse(answer.body.toString()).errorCode, text }
        }
        this.#state = applyWrite(this.#state, write)
        this.#inFlight = undefined
        this.acknowledged++
      }
      return undefined
    } finally {
      connection.close()
    }
  }

  /**
   * Compares what a restarted engine has with what was acknowledged; what was under way may be there or not.
   * @throws Error when it is neither
   */
  async check(url: URL): Promise<InFlight> {
    const connection = await RawConnection.open(url)
    try {
      const found = await readTenant(connection, this.#domain)
      const before = this.#state
      const after = this.#inFlight === undefined ? before : applyWrite(before, this.#inFlight)
      const isBefore = fingerprint(found) === fingerprint(before)
      if (!isBefore && fingerprint(found) !== fingerprint(after)) throw this.#difference(found)
      this.#state = isBefore ? before : after
      await this.#beatAll(connection)
      const outcome = this.#inFlight === undefined ? 'none' : isBefore ? 'not there' : 'there'
      this.#inFlight = undefined
      return outcome
    } finally {
      connection.close()
    }
  }

  #difference(found: TenantState): Error {
    return new Error(
      [
        `${this.#domain} is not what was acknowledged`,
        `acknowledged ${fingerprint(this.#state)}`,
        `in flight    ${JSON.stringify(this.#inFlight)}`,
        `found        ${fingerprint(found)}`,
      ].join('\n'),
    )
  }

  /** Every instance that is shown has its lease. */
  async #beatAll(connection: RawConnection): Promise<void> {
    for (const [id, { instances }] of Object.entries(this.#state)) {
      for (const instanceId of Object.keys(instances)) {
        const path = `/microservices/${id}/instances/${instanceId}/heartbeat`
        const answer = await exchange(connection, this.#domain, { method: 'PUT', path })
        if (answer?.status === 200) continue
        const inFlight = JSON.stringify(this.#inFlight)
        throw new Error(`${this.#domain}: PUT ${path}: ${answer?.status} ${answer?.body}\nin flight ${inFlight}`)
      }
    }
  }

  #nextWrite(): Write {
    const ids = Object.keys(this.#state)
    const id = this.#random.pick(ids)
    const chance = this.#random.next()
    if (id === undefined || (chance < 0.15 && ids.length < SERVICES_MAX)) return this.#create()
    if (chance < 0.25) return { kind: 'remove', id }
    if (chance < 0.35) return { kind: 'describe', id, properties: this.#properties() }
    if (chance < 0.4) return { kind: 'tag', id, tags: this.#tags() }
    if (chance < 0.45) return { kind: 'upload', id, schemas: this.#schemas() }
    if (chance < 0.48) return { kind: 'statusOfAll', status: this.#status() }
    return this.#instanceWrite(id)
  }

  #instanceWrite(id: string): Write {
    const known = Object.keys(this.#state[id]?.instances ?? {})
    const instanceId = this.#random.pick(known)
    const chance = this.#random.next()
    if (instanceId === undefined || (chance < 0.4 && known.length < INSTANCES_MAX)) {
      const instance = { status: this.#status(), properties: this.#properties() }
      return { kind: 'register', id, instanceId: this.#fresh('i'), instance }
    }
    if (chance < 0.6) return { kind: 'unregister', id, instanceId }
    if (chance < 0.8) return { kind: 'label', id, instanceId, properties: this.#properties() }
    return { kind: 'status', id, instanceId, status: this.#status() }
  }

  #create(): Write {
    const name = this.#fresh('s')
    const givesId = this.#random.next() < 0.5
    const instances = Array.from({ length: this.#random.between(0, 3) }, () => [
      this.#fresh('i'),
      { status: this.#status(), properties: this.#properties() },
    ])
    const service: ServiceState = {
      name,
      properties: this.#properties(),
      tags: this.#tags(),
      schemas: {},
      instances: Object.fromEntries(instances),
    }
    return { kind: 'create', id: givesId ? `id-${name}` : generatedId(this.#domain, name), service, givesId }
  }

  #properties(): Record<string, string> {
    return Object.fromEntries(
      Array.from({ length: this.#random.between(0, 3) }, (_, index) => [`k${index}`, this.#fresh('v')]),
    )
  }

  #tags(): Record<string, string> {
    return this.#random.next() < 0.5 ? { crash: this.#fresh('t'), more: 'yes' } : {}
  }

  #schemas(): Record<string, string> {
    return Object.fromEntries(
      Array.from({ length: this.#random.between(1, 4) }, (_, index) => [`schema${index}`, this.#fresh('content')]),
    )
  }

  #status(): string {
    return this.#random.pick(STATUSES) ?? 'UP'
  }

  #fresh(letter: string): string {
    return `${letter}${this.#count++}`
  }
}
