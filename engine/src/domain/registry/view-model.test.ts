import type { Instance } from '@rollcall/protocol/documents'
import { INSTANCE, MICROSERVICE } from '@rollcall/protocol/documents'
import { encodeObject } from '@rollcall/protocol/encode'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ManualClock } from '../../kernel/manual-clock.ts'
import type { Change } from '../../storage/store.ts'
import { keys } from './keys.ts'
import { RegistryView } from './view.ts'

/*
 * Random sequences of changes are folded into the view and kept in a plain map from key to value; then every question
 * is answered from both. The map is asked the slow way: by looking at everything.
 */

const TENANTS = ['default/default', 'shop/blue']
const SERVICE_IDS = ['s1', 's2', 's3']
const INSTANCE_IDS = ['a', 'b', 'c']
const NAMES = ['p', 'q']
const VERSIONS = ['1.0', '2.0']
const ALIASES = ['', 'x']

interface Step {
  readonly tenant: string
  readonly id: string
  readonly what:
    | ({ readonly kind: 'service' } & ServiceModel)
    | { readonly kind: 'instance'; readonly instance: string; readonly status: string }
    | { readonly kind: 'tags'; readonly tags: readonly string[] }
    | { readonly kind: 'drop service' | 'drop tags' }
    | { readonly kind: 'drop instance'; readonly instance: string }
}

const any = fc.constantFrom
const what: fc.Arbitrary<Step['what']> = fc.oneof(
  fc.record({
    kind: fc.constant('service' as const),
    name: any(...NAMES),
    version: any(...VERSIONS),
    alias: any(...ALIASES),
    schemas: fc.subarray(['s', 't', 'u']),
  }),
  fc.record({ kind: fc.constant('instance' as const), instance: any(...INSTANCE_IDS), status: any('UP', 'DOWN') }),
  fc.record({ kind: fc.constant('tags' as const), tags: fc.subarray(['blue', 'green', 'red'], { minLength: 1 }) }),
  fc.record({ kind: any('drop service' as const, 'drop tags' as const) }),
  fc.record({ kind: fc.constant('drop instance' as const), instance: any(...INSTANCE_IDS) }),
)
const steps = fc.array(fc.record({ tenant: any(...TENANTS), id: any(...SERVICE_IDS), what }), { maxLength: 40 })

interface ServiceModel {
  readonly name: string
  readonly version: string
  readonly alias: string
  readonly schemas: readonly string[]
}

/** Everything that is stored, by tenant and id. */
class Model {
  readonly services = new Map<string, ServiceModel>()
  readonly tags = new Map<string, readonly string[]>()
  readonly instances = new Map<string, string>()

  /** Two services never share a name or alias and version: decisions and their guards see to that. */
  allows({ tenant, id, what }: Step): boolean {
    if (what.kind !== 'service') return true
    for (const [key, other] of this.services) {
      if (!key.startsWith(`${tenant} `) || key === `${tenant} ${id}` || other.version !== what.version) continue
      if (other.name === what.name || (what.alias !== '' && other.alias === what.alias)) return false
    }
    return true
  }

  apply({ tenant, id, what }: Step, text: string): void {
    const key = `${tenant} ${id}`
    if (what.kind === 'service') this.services.set(key, what)
    else if (what.kind === 'instance') this.instances.set(`${key} ${what.instance}`, text)
    else if (what.kind === 'tags') this.tags.set(key, what.tags)
    else if (what.kind === 'drop service') this.services.delete(key)
    else if (what.kind === 'drop tags') this.tags.delete(key)
    else if (what.kind === 'drop instance') this.instances.delete(`${key} ${what.instance}`)
  }

  /** Texts of all instances of the services that `holds` picks, by instance id, then service id. */
  list(tenant: string, holds: (service: ServiceModel) => boolean): string[] {
    return INSTANCE_IDS.flatMap((instance) =>
      SERVICE_IDS.flatMap((id) => {
        const service = this.services.get(`${tenant} ${id}`)
        const text = this.instances.get(`${tenant} ${id} ${instance}`)
        return service !== undefined && text !== undefined && holds(service) ? [text] : []
      }),
    )
  }
}

function tagMap(tags: readonly string[]): Record<string, string> {
  return Object.fromEntries(tags.map((tag) => [tag, '1']))
}

function sizeOf(what: readonly string[] | ServiceModel | undefined): number {
  if (what === undefined) return 0
  return 'schemas' in what ? what.schemas.length : what.length
}

function changeOf({ tenant, id, what }: Step, revision: number): Change {
  switch (what.kind) {
    case 'service': {
      const { name: serviceName, version, alias, schemas } = what
      const record = {
        serviceId: id,
        appId: 'default',
        serviceName,
        version,
        alias,
        schemas,
        framework: { name: serviceName },
      }
      return { key: keys.service(tenant, id), value: encodeObject(MICROSERVICE, record), revision }
    }
    case 'instance': {
      const record: Instance = {
        instanceId: what.instance,
        serviceId: id,
        status: what.status,
        timestamp: `${revision}`,
      }
      const key = keys.instance(tenant, id, what.instance)
      return { key, value: encodeObject(INSTANCE, record), revision, lease: `${revision}` }
    }
    case 'tags':
      return { key: keys.tags(tenant, id), value: JSON.stringify(tagMap(what.tags)), revision }
    case 'drop service':
      return { key: keys.service(tenant, id) }
    case 'drop tags':
      return { key: keys.tags(tenant, id) }
    case 'drop instance':
      return { key: keys.instance(tenant, id, what.instance) }
  }
}

/** Asks view and model everything. @returns the lists by question, for comparison with those of the next step */
function compare(view: RegistryView, model: Model): Map<string, { readonly text: string; readonly revision: string }> {
  const lists = new Map<string, { text: string; revision: string }>()
  for (const tenant of TENANTS) {
    const known = SERVICE_IDS.filter((id) => model.services.has(`${tenant} ${id}`))
    expect([...view.services(tenant)].map(({ id }) => id).sort()).toEqual(known)
    expect(view.serviceCount(tenant)).toBe(known.length)
    expect(view.instanceCount(tenant)).toBe(model.list(tenant, () => true).length)
    const most = (of: Map<string, readonly string[] | ServiceModel>) =>
      Math.max(0, ...known.map((id) => sizeOf(of.get(`${tenant} ${id}`))))
    expect(view.counts(tenant).mostSchemas).toBe(most(model.services))
    expect(view.counts(tenant).mostTags).toBe(most(model.tags))
    const all = known.reduce((sum, id) => sum + sizeOf(model.services.get(`${tenant} ${id}`)), 0)
    expect(view.counts(tenant).schemas).toBe(all)
    const frameworks = NAMES.map((name) => {
      const services = known.filter((id) => model.services.get(`${tenant} ${id}`)?.name === name).length
      return { name, version: '', services, instances: model.list(tenant, (service) => service.name === name).length }
    })
    const shown = [...view.counts(tenant).frameworks].sort((a, b) => NAMES.indexOf(a.name) - NAMES.indexOf(b.name))
    expect(shown).toEqual(frameworks.filter(({ services }) => services > 0))
    for (const id of known) {
      const tags = model.tags.get(`${tenant} ${id}`)
      expect(view.service(tenant, id)?.tags).toEqual(tags === undefined ? undefined : tagMap(tags))
    }
    const questions = [
      ...NAMES.map((name) => ({
        question: `name ${name}`,
        group: view.byName(tenant, `/default/${name}`),
        holds: (service: ServiceModel) => service.name === name,
      })),
      {
        question: 'alias x',
        group: view.byAlias(tenant, '/default/x'),
        holds: (service: ServiceModel) => service.alias === 'x',
      },
    ]
    for (const { question, group, holds } of questions) {
      const isThere = known.some((id) => holds(model.services.get(`${tenant} ${id}`)!))
      expect(group !== undefined).toBe(isThere)
      if (group === undefined) continue
      const { text, revision, count } = view.listAll(group)
      const expected = model.list(tenant, holds)
      expect(text).toBe(`[${expected.join(',')}]`)
      expect(count).toBe(expected.length)
      lists.set(`${tenant} ${question}`, { text, revision })
    }
  }
  return lists
}

test('the view answers as if it looked at everything, and revisions change exactly when lists do', () => {
  fc.assert(
    fc.property(steps, (sequence) => {
      const view = new RegistryView(new ManualClock())
      const model = new Model()
      let before = compare(view, model)
      let revision = 0
      for (const step of sequence) {
        if (!model.allows(step)) continue
        const change = changeOf(step, ++revision)
        view.apply(change)
        model.apply(step, change.value ?? '')
        const after = compare(view, model)
        for (const [question, { text, revision: now }] of after) {
          const earlier = before.get(question)
          if (earlier !== undefined) expect(earlier.revision === now, question).toBe(earlier.text === text)
        }
        before = after
      }
    }),
    { numRuns: 150 },
  )
})

test('a view that is filled anew from what is stored is equal to one that saw every change', () => {
  fc.assert(
    fc.property(steps, (sequence) => {
      const lived = new RegistryView(new ManualClock())
      const model = new Model()
      const stored = new Map<string, Change>()
      let revision = 0
      for (const step of sequence) {
        if (!model.allows(step)) continue
        const change = changeOf(step, ++revision)
        lived.apply(change)
        model.apply(step, change.value ?? '')
        if (change.value === undefined) stored.delete(change.key)
        else stored.set(change.key, change)
      }
      const filled = new RegistryView(new ManualClock())
      for (const prefix of filled.prefixes) {
        for (const [key, change] of stored) if (key.startsWith(prefix)) filled.apply(change)
      }
      expect([...compare(filled, model)]).toEqual([...compare(lived, model)])
    }),
    { numRuns: 100 },
  )
})
