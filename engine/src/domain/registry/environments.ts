import type { Environment } from '@rollcall/protocol/environments'
import type { Clock } from '../../kernel/clock.ts'
import { fail } from '../../kernel/failure.ts'
import type { Committer, Plan } from '../../storage/commit.ts'
import { unchanged } from '../../storage/commit.ts'
import type { Guard } from '../../storage/store.ts'
import type { QuotaFailure } from '../quota/index.ts'
import { EnvironmentView } from './environment-view.ts'
import { ENVIRONMENT_NAMES, keys } from './keys.ts'
import type { RegistryFailure, Tenant } from './types.ts'
import type { RegistryView } from './view.ts'

/** What every tenant has; the empty one is for services that name none. */
const PRESETS: readonly string[] = ['', 'development', 'testing', 'acceptance', 'production']

interface Needs {
  readonly registry: RegistryView
  readonly committer: Committer
  readonly clock: Clock
  /** Whether tenants may have others than the preset ones. */
  readonly free: boolean
  /** How many others one tenant may have. */
  readonly countMax: number
}

/** Where services run. A service can only be created in an environment that exists. */
export class Environments {
  /** What is folded from the store. */
  readonly view = new EnvironmentView()
  readonly #needs: Needs

  constructor(needs: Needs) {
    this.#needs = needs
  }

  /** The preset ones, then the others by id. */
  list(tenant: Tenant): Environment[] {
    const others = [...this.view.all(tenant).values()].map(({ record }) => record)
    return [...PRESETS.map(preset), ...others.sort((one, other) => compare(one.id, other.id))]
  }

  /** @throws EnvironmentNotFound */
  get(tenant: Tenant, id: string): Environment {
    return PRESETS.includes(id) ? preset(id) : this.#known(tenant, id).record
  }

  /**
   * Creates an environment; of id and name one stands for both. One that is there already is answered.
   * @returns its id
   * @throws Forbidden, InvalidParameters, EnvironmentAlreadyExists, QuotaExceeded
   */
  create(tenant: Tenant, { id: askedId, name: askedName, description }: Environment): Promise<string> {
    const id = askedId || askedName || ''
    const name = askedName || id
    if (id === '') fail<RegistryFailure>('InvalidParameters', "field 'Environment.Name' is missing")
    if (keys.environment(tenant, id).startsWith(ENVIRONMENT_NAMES)) {
      fail<RegistryFailure>('InvalidParameters', "a domain named 'indexes' cannot have environments of its own")
    }
    const { committer, free } = this.#needs
    if (!free)
      fail<RegistryFailure>('Forbidden', 'only the preset environments are allowed (environments.free is false)')
    return committer.change(() => {
      if (this.view.get(tenant, id)?.record.name === name) return unchanged(id)
      this.#checkFree(tenant, id, name)
      this.#checkCount(tenant)
      const seconds = this.#seconds()
      const record = { id, name, description, timestamp: seconds, modTimestamp: seconds }
      const names = { key: keys.environmentName(tenant, name, id), value: id }
      const writes = [{ key: keys.environment(tenant, id), value: JSON.stringify(record) }, names]
      return {
        guards: [{ key: keys.environment(tenant, id), revision: 0 }, this.#sinceNow(tenant)],
        writes,
        result: id,
      }
    })
  }

  /** Changes name and description, as far as they are given. @throws EnvironmentNotFound, EnvironmentAlreadyExists, Forbidden */
  change(tenant: Tenant, id: string, { name: asked = '', description }: Environment): Promise<void> {
    refusePreset(id)
    return this.#needs.committer.change((): Plan<void> => {
      const { record, revision } = this.#known(tenant, id)
      const name = asked || record.name || id
      if (name !== record.name) this.#checkFree(tenant, '', name)
      const { timestamp } = record
      const changed = {
        id,
        name,
        description: description ?? record.description,
        timestamp,
        modTimestamp: this.#seconds(),
      }
      const key = keys.environment(tenant, id)
      const names = [
        { key: keys.environmentName(tenant, record.name ?? id, id) },
        { key: keys.environmentName(tenant, name, id), value: id },
      ]
      const writes = [{ key, value: JSON.stringify(changed) }, ...(name === record.name ? [] : names)]
      return { guards: [{ key, revision }, this.#sinceNow(tenant)], writes, result: undefined }
    })
  }

  /** Removes an environment in which no service is. @throws EnvironmentNotFound, EnvironmentInUse, Forbidden */
  remove(tenant: Tenant, id: string): Promise<void> {
    refusePreset(id)
    const { registry, committer } = this.#needs
    return committer.change((): Plan<void> => {
      const { record, revision } = this.#known(tenant, id)
      if (registry.services(tenant).some((service) => service.record.environment === id)) {
        fail<RegistryFailure>('EnvironmentInUse', 'this env has services')
      }
      const key = keys.environment(tenant, id)
      const guards = [
        { key, revision },
        { prefix: keys.servicesOf(tenant), since: committer.revision },
      ]
      return {
        guards,
        writes: [{ key }, { key: keys.environmentName(tenant, record.name ?? id, id) }],
        result: undefined,
      }
    })
  }

  /** What must stay true while a service is created in an environment. @throws InvalidParameters when it does not exist */
  guards(tenant: Tenant, id: string): Guard[] {
    if (!this.#needs.free || PRESETS.includes(id)) return []
    const known = this.view.get(tenant, id)
    if (known === undefined) return fail<RegistryFailure>('InvalidParameters', 'env not exist')
    return [{ key: keys.environment(tenant, id), revision: known.revision }]
  }

  #known(tenant: Tenant, id: string): ReturnType<EnvironmentView['get']> & object {
    return this.view.get(tenant, id) ?? fail<RegistryFailure>('EnvironmentNotFound', `environment ${id} is not there`)
  }

  /** Refuses an id (empty: none is asked for) or a name that another environment has. */
  #checkFree(tenant: Tenant, id: string, name: string): void {
    const others = this.list(tenant)
    if (id !== '' && others.some((other) => other.id === id)) {
      fail<RegistryFailure>('EnvironmentAlreadyExists', 'EnvID conflict.')
    }
    const holder = others.find((other) => other.name === name)
    if (holder !== undefined) {
      fail<RegistryFailure>('EnvironmentAlreadyExists', `environment ${holder.id} has the name ${name}`)
    }
  }

  #checkCount(tenant: Tenant): void {
    const { countMax } = this.#needs
    const used = this.view.all(tenant).size
    if (used < countMax) return
    const facts = `max num is ${countMax}, curNum is ${used}, apply num is 1`
    fail<QuotaFailure>('QuotaExceeded', `no quota to create ENVIRONMENT, ${facts}`)
  }

  /** Nobody has made or named another environment meanwhile. */
  #sinceNow(tenant: Tenant): Guard {
    return { prefix: keys.environmentsOf(tenant), since: this.#needs.committer.revision }
  }

  #seconds(): string {
    return String(Math.floor(this.#needs.clock.now() / 1000))
  }
}

function preset(id: string): Environment {
  return { id, name: id }
}

function refusePreset(id: string): void {
  if (PRESETS.includes(id)) fail<RegistryFailure>('Forbidden', 'preset environments stay as they are')
}

function compare(one = '', other = ''): number {
  return one < other ? -1 : 1
}
