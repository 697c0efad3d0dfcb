import { fail } from '../../kernel/failure.ts'
import { camelCased, checkSpec, MATCH_GROUP, POLICY_KINDS } from './kinds.ts'
import type { Asked, Asker, GivenPolicy, Policy, PolicyFailure, PolicyStore } from './types.ts'

/** A group of calls with the policies for it. */
export interface Governed {
  readonly policies: readonly Policy[]
  readonly matchGroup: Policy
}

const ENABLED = 'enabled'
/** In place of an environment: policies for any. */
const EVERY_ENVIRONMENT = 'all'
/** A name is the last part of a key, which dots divide. */
const NAME = /^[a-zA-Z0-9][a-zA-Z0-9_-]{0,127}$/

/** Policies of governance, checked here and kept elsewhere. */
export class Policies {
  readonly #store: PolicyStore
  readonly #newWord: () => string

  /** @param newWord four characters that are hard to guess twice, for groups without a name */
  constructor(store: PolicyStore, newWord: () => string) {
    this.#store = store
    this.#newWord = newWord
  }

  /** Policies of one kind, which need not be known. @throws Internal */
  list(asker: Asker, kind: string, place: Readonly<Record<string, string>>): Promise<readonly Policy[]> {
    return this.#store.list(asker, { kind, labels: labelsOf(place) })
  }

  /** Every group with the policies of the same name. @throws Internal */
  async display(asker: Asker, place: Readonly<Record<string, string>>): Promise<Governed[]> {
    const all = await this.#store.list(asker, { kind: '', labels: labelsOf(place) })
    const groups = all.filter(({ kind }) => kind === camelCased(MATCH_GROUP))
    return groups.map((group) => {
      const policies = POLICY_KINDS.flatMap((kind) =>
        all.filter((policy) => policy.kind === camelCased(kind) && policy.name === group.name),
      )
      return { policies, matchGroup: { ...group, kind: MATCH_GROUP } }
    })
  }

  /** @throws Internal */
  async get(asker: Asker, kind: string, id: string): Promise<Policy> {
    return { ...(await this.#store.get(asker, id)), kind }
  }

  /** @returns its id @throws InvalidParameters, Internal */
  async create(asker: Asker, kind: string, given: GivenPolicy): Promise<string> {
    const { spec = {}, selector = {} } = given
    checkSpec(kind, spec)
    if (given.name && !NAME.test(given.name)) {
      fail<PolicyFailure>('InvalidParameters', `field 'Policy.Name' does not match rule: ${NAME.source}`)
    }
    if (!given.name && kind !== MATCH_GROUP) fail<PolicyFailure>('InvalidParameters', "field 'Policy.Name' is missing")
    const name = given.name || (await this.#newName(asker, selector))
    return this.#store.create(asker, { kind, name, selector, spec, status: given.status || ENABLED })
  }

  /** Changes what a policy says and whether it holds, nothing else. @throws InvalidParameters, Internal */
  async change(asker: Asker, { kind, id }: Pick<Policy, 'kind' | 'id'>, given: GivenPolicy): Promise<void> {
    const { spec = {}, status = '' } = given
    checkSpec(kind, spec)
    await this.#store.change(asker, id, { spec, status })
  }

  /** Removes a policy; with a group go all policies for it. @throws Internal */
  async remove(asker: Asker, { kind, id }: Pick<Policy, 'kind' | 'id'>): Promise<void> {
    if (kind !== MATCH_GROUP) return this.#store.remove(asker, [id])
    const { name, selector: labels } = await this.#store.get(asker, id)
    const all = await this.#store.list(asker, { kind: '', labels })
    return this.#store.remove(
      asker,
      all.filter((policy) => policy.name === name).map((policy) => policy.id),
    )
  }

  async #newName(asker: Asker, labels: Asked['labels']): Promise<string> {
    const groups = await this.#store.list(asker, { kind: MATCH_GROUP, labels })
    const taken = new Set(groups.map(({ name }) => name))
    let name: string
    do name = `scene-${this.#newWord()}`
    while (taken.has(name))
    return name
  }
}

/** An environment is part of every question, even the empty one; an application only when it is named. */
function labelsOf({ app = '', environment = '' }: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return { ...(environment === EVERY_ENVIRONMENT ? {} : { environment }), ...(app === '' ? {} : { app }) }
}
