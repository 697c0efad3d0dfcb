import type { Driver } from './driver.ts'

/** What the loops of the Java client say of a step of theirs. */
export interface Told {
  readonly success: boolean
  /** Missing as long as the application has not been registered. */
  readonly serviceId: string
  readonly instanceId: string
}

interface ListTold {
  readonly serviceName: string
  readonly instances: readonly object[]
}

interface Loops {
  readonly service: { readonly serviceName: string }
  readonly instance: object
  readonly schemas: readonly object[]
  readonly heartbeatMs: number
  readonly pollMs: number
  readonly watch: boolean
}

/** An application on the Java client whose registration, discovery and watch run in loops of their own. */
export class JavaApplication {
  readonly #java: Driver
  readonly #member: string

  private constructor(java: Driver, member: string) {
    this.#java = java
    this.#member = member
  }

  /** Starts the loops of an application and does not wait for them. */
  static async start(java: Driver, loops: Loops): Promise<JavaApplication> {
    const member = loops.service.serviceName
    await java.got('join', { member, ...loops })
    return new JavaApplication(java, member)
  }

  /** The next success or failure of a step: microservice, schemas, instance or heartbeat. */
  async untilTold(event: string, success: boolean, withinMs?: number): Promise<Told> {
    return await this.#until<Told>(event, { where: (told) => told.success === success, withinMs })
  }

  /** The next list of this service's instances that the discovery tells of. */
  async untilList(serviceName: string): Promise<readonly object[]> {
    const where = (told: ListTold) => told.serviceName === serviceName
    return (await this.#until<ListTold>('instances', { where })).instances
  }

  /** Waits until the watch is open. */
  async untilWatching(): Promise<void> {
    await this.#until('watching', {})
  }

  /** Waits until the watch is closed, or cannot be opened. */
  async untilWatchClosed(): Promise<void> {
    await this.#until('watch-closed', {})
  }

  /** The next service of which the watch says that it has changed. */
  async untilPush(): Promise<unknown> {
    return await this.#until('push', {})
  }

  /** What the client knows of a service without asking. */
  async known(key: object): Promise<unknown> {
    return await this.#java.got('known', { member: this.#member, ...key })
  }

  /** Begins to follow a service, and finds it for the first time. */
  async subscribe(key: object): Promise<void> {
    await this.#java.got('subscribe', { member: this.#member, ...key })
  }

  /** Opens a new watch. */
  async watch(): Promise<void> {
    await this.#java.got('watch', { member: this.#member })
  }

  /** Ends the loops. */
  async stop(): Promise<void> {
    await this.#java.got('stop', { member: this.#member })
  }

  /** Events of this name that nobody has waited for. */
  pending(event: string): unknown[] {
    return this.#java.pending(event, this.#member)
  }

  /** Registrations of its instance that worked and that nobody has waited for. */
  registrations(): Told[] {
    return (this.pending('instance') as Told[]).filter(({ success }) => success)
  }

  async #until<Got>(
    event: string,
    { where, withinMs }: { where?: (got: Got) => boolean; withinMs?: number | undefined },
  ): Promise<Got> {
    const { got } = await this.#java.untilEvent<Got>({
      event,
      member: this.#member,
      ...(where !== undefined && { where }),
      ...(withinMs !== undefined && { withinMs }),
    })
    return got
  }
}
