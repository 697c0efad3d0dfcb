import { isDeepStrictEqual } from 'node:util'
import type { Contract, KnownInstance, ServiceKey } from '@rollcall/client'
import type { Bundle } from './bundle.ts'

/** What would have to be done for a service so that everything of a bundle is there. Nothing is ever taken away. */
export interface Difference {
  readonly wanted: Bundle
  /** Id of the service where it is there already. */
  readonly serviceId: string | undefined
  readonly setsProperties: boolean
  /** Those that are missing or have another value. */
  readonly tags: Readonly<Record<string, string>>
  /** Those together with what is there. */
  readonly allTags: Readonly<Record<string, string>>
  readonly contracts: readonly Contract[]
  readonly providers: readonly ServiceKey[]
  /** To be registered. */
  readonly newInstances: readonly KnownInstance[]
  /** Have another status or other properties. */
  readonly changedInstances: readonly KnownInstance[]
  /** Live there under the same id with other addresses: their own registration counts, so they are left as they are. */
  readonly otherInstances: readonly KnownInstance[]
}

/** Compares what is wanted with what is there. */
export function differenceOf(wanted: Bundle, there: Bundle | undefined): Difference {
  const known = new Map((there?.instances ?? []).map((instance) => [instance.instanceId, instance]))
  const contents = new Map((there?.contracts ?? []).map(({ schemaId, schema }) => [schemaId, schema]))
  const tags = Object.entries(wanted.tags).filter(([name, value]) => there?.tags[name] !== value)
  const uses = there?.providers ?? []
  const living = wanted.instances.filter(({ instanceId }) => known.has(instanceId))
  const same = living.filter((instance) => isSamePlace(instance, known.get(instance.instanceId)))
  return {
    wanted,
    serviceId: there?.service.serviceId,
    setsProperties:
      there !== undefined && !isDeepStrictEqual(wanted.service.properties ?? {}, there.service.properties ?? {}),
    tags: Object.fromEntries(tags),
    allTags: { ...there?.tags, ...wanted.tags },
    contracts: wanted.contracts.filter(({ schemaId, schema }) => contents.get(schemaId) !== schema),
    providers: wanted.providers.filter((key) => !uses.some((other) => isDeepStrictEqual(other, key))),
    newInstances: wanted.instances.filter(({ instanceId }) => !known.has(instanceId)),
    changedInstances: same.filter((instance) => !isSameState(instance, known.get(instance.instanceId))),
    otherInstances: living.filter((instance) => !same.includes(instance)),
  }
}

/** Whether anything is to be done. */
export function isNothing(difference: Difference): boolean {
  return difference.serviceId !== undefined && countsOf(difference).every(([, count]) => count === 0)
}

/** What is to be done beside the service itself, and how much of it. */
export function countsOf(difference: Difference): readonly (readonly [what: string, count: number])[] {
  const { setsProperties, tags, contracts, providers, newInstances, changedInstances } = difference
  return [
    ['properties', setsProperties ? 1 : 0],
    ['tags', Object.keys(tags).length],
    ['contracts', contracts.length],
    ['dependencies', providers.length],
    ['instances', newInstances.length],
    ['changed instances', changedInstances.length],
  ]
}

function isSamePlace(one: KnownInstance, other: KnownInstance | undefined): boolean {
  return one.hostName === other?.hostName && isDeepStrictEqual(one.endpoints ?? [], other?.endpoints ?? [])
}

function isSameState(one: KnownInstance, other: KnownInstance | undefined): boolean {
  return one.status === other?.status && isDeepStrictEqual(one.properties ?? {}, other?.properties ?? {})
}
