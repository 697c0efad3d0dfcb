import type { Clock, Stoppable } from '../../kernel/clock.ts'
import { Failure } from '../../kernel/failure.ts'
import { sha1 } from '../../kernel/ids.ts'
import type { Log } from '../../kernel/log.ts'
import type { Instances } from './instances.ts'
import type { Services } from './services.ts'
import { OWN_APP, OWN_ENVIRONMENT, OWN_TENANT } from './shared.ts'
import type { InstanceEvent, ServiceId } from './types.ts'
import type { RegistryView } from './view.ts'

interface Needs {
  readonly view: RegistryView
  readonly services: Services
  readonly instances: Instances
  readonly clock: Clock
  readonly log: Log
  readonly engine: {
    readonly version: string
    /** `host:port` under which others reach this engine. */
    readonly address: string
    /** Whether it is reached over TLS. */
    readonly isSecure: boolean
    /** Name of the machine. */
    readonly hostName: string
  }
}

const BEAT_MS = 30_000
const HOST_NAME_LENGTH_MAX = 64
const INSTANCE_ID_LENGTH = 32

/** The engine's own services: clients look these names up to learn where engines are. */
export class OwnEntries {
  readonly #needs: Needs
  readonly #entries: readonly { readonly serviceName: string; readonly endpoint: string }[]
  readonly #registered = new Map<string, { readonly serviceId: ServiceId; readonly instanceId: string }>()
  #timer: Stoppable | undefined

  constructor(needs: Needs) {
    this.#needs = needs
    needs.view.onInstance((event) => this.#onInstance(event))
    const { address, isSecure } = needs.engine
    this.#entries = [
      { serviceName: 'SERVICECENTER', endpoint: `rest://${address}/${isSecure ? '?sslEnabled=true' : ''}` },
      { serviceName: 'CseMonitoring', endpoint: `rest://${address}?sslEnabled=${isSecure}` },
    ]
  }

  /** Registers the entries and keeps them there; what fails now is tried again with every heartbeat. */
  async start(): Promise<void> {
    await this.#refresh()
    this.#timer = this.#needs.clock.every(BEAT_MS, () => void this.#refresh())
  }

  /** Unregisters this engine's instances. */
  async stop(): Promise<void> {
    this.#timer?.stop()
    const entries = [...this.#registered.values()]
    this.#registered.clear()
    for (const { serviceId, instanceId } of entries) {
      await this.#needs.instances.unregister(OWN_TENANT, serviceId, instanceId).catch((err: unknown) => {
        this.#needs.log.warn({ err }, 'could not unregister the engine itself; its entry ends with its lease')
      })
    }
  }

  /** Whoever takes an entry out has it back at once: without it clients would think that there is no engine. */
  #onInstance({ action, service, instance }: InstanceEvent): void {
    if (action !== 'DELETE') return
    const entries = [...this.#registered.values()]
    if (entries.some(({ serviceId, instanceId }) => serviceId === service.id && instanceId === instance.id)) {
      // Not within the event: other parts of the same commit may not be folded yet.
      void Promise.resolve().then(() => this.#refresh())
    }
  }

  async #refresh(): Promise<void> {
    for (const entry of this.#entries) {
      try {
        await this.#keepAlive(entry.serviceName, entry.endpoint)
      } catch (err) {
        this.#needs.log.warn({ err, service: entry.serviceName }, 'could not register the engine itself; trying again')
      }
    }
  }

  async #keepAlive(serviceName: string, endpoint: string): Promise<void> {
    const known = this.#registered.get(serviceName)
    if (known !== undefined && (await this.#beat(known))) return
    this.#registered.set(serviceName, await this.#register(serviceName, endpoint))
  }

  async #beat({ serviceId, instanceId }: { serviceId: ServiceId; instanceId: string }): Promise<boolean> {
    try {
      await this.#needs.instances.beat(OWN_TENANT, serviceId, instanceId)
      return true
    } catch (error) {
      if (error instanceof Failure) return false
      throw error
    }
  }

  async #register(serviceName: string, endpoint: string): Promise<{ serviceId: ServiceId; instanceId: string }> {
    const { services, instances, engine } = this.#needs
    const service = {
      appId: OWN_APP,
      serviceName,
      alias: serviceName,
      version: engine.version,
      environment: OWN_ENVIRONMENT,
      properties: { allowCrossApp: 'true' },
      framework: { name: 'Rollcall', version: engine.version },
    }
    const serviceId = await services.create(OWN_TENANT, { service, tags: undefined, instances: [] })
    // The same address always has the same id, so an engine that comes back after a crash takes its old entry over.
    const instanceId = sha1(endpoint).slice(0, INSTANCE_ID_LENGTH)
    const hostName = engine.hostName.slice(0, HOST_NAME_LENGTH_MAX)
    await instances.register(OWN_TENANT, serviceId, { instanceId, hostName, endpoints: [endpoint] })
    return { serviceId, instanceId }
  }
}
