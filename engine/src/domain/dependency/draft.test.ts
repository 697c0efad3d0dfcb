import type { ServiceKey } from '@rollcall/protocol/documents'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isSame, RuleDraft } from './draft.ts'
import { ANY_VERSION, consumerRule, providerRule } from './keys.ts'
import { DependencyView } from './view.ts'

const TENANT = 'd/p'
const consumer = (name: string) => ({ tenant: TENANT, appId: 'a', serviceName: name, version: '1' })
const provider = (name: string) => ({ tenant: TENANT, appId: 'a', serviceName: name, version: ANY_VERSION })

test('a draft that changes nothing has nothing to store', () => {
  const view = new DependencyView()
  const draft = new RuleDraft(view)
  draft.add(consumer('c'), provider('p'))
  const { writes } = draft.finish()
  for (const { key, value = '' } of writes) view.apply({ key, value, revision: 1 })
  const again = new RuleDraft(view)
  again.add(consumer('c'), provider('p'))
  again.remove(consumer('x'), provider('p'))
  expect(again.finish()).toEqual({ guards: [], writes: [] })
})

test('guards name the revision that each changed rule had', () => {
  const view = new DependencyView()
  const rule = consumerRule(TENANT, consumer('c'))
  view.apply({ key: rule, value: '{"Dependency":[]}', revision: 7 })
  const draft = new RuleDraft(view)
  draft.add(consumer('c'), provider('p'))
  expect(draft.finish().guards).toEqual([
    { key: rule, revision: 7 },
    { key: providerRule(TENANT, provider('p')), revision: 0 },
  ])
})

test.each([
  [{}, true],
  [{ version: '2' }, false],
  [{ appId: 'b' }, false],
  [{ environment: 'testing' }, false],
  [{ environment: '' }, true],
  [{ tenant: 'x/y' }, false],
  [{ alias: 'other' }, true],
] as [ServiceKey, boolean][])('the same end with %j: %s', (change, same) => {
  expect(isSame(consumer('c'), { ...consumer('c'), ...change })).toBe(same)
})

test('after any adding and removing both ends say the same, and equal the plain set of pairs', () => {
  const name = fc.constantFrom('a', 'b', 'c')
  const step = fc.record({ add: fc.boolean(), from: name, to: name, commit: fc.boolean() })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const view = new DependencyView()
      const pairs = new Set<string>()
      let draft = new RuleDraft(view)
      let revision = 0
      const store = () => {
        for (const { key, value } of draft.finish().writes) {
          view.apply(value === undefined ? { key } : { key, value, revision: ++revision })
        }
        draft = new RuleDraft(view)
      }
      for (const { add, from, to, commit } of steps) {
        if (add) draft.add(consumer(from), provider(to))
        else draft.remove(consumer(from), provider(to))
        if (add) pairs.add(`${from}>${to}`)
        else pairs.delete(`${from}>${to}`)
        if (commit) store()
      }
      store()
      for (const one of ['a', 'b', 'c']) {
        const used = view.rule(consumerRule(TENANT, consumer(one))).keys.map((key) => `${one}>${key.serviceName}`)
        const using = view.rule(providerRule(TENANT, provider(one))).keys.map((key) => `${key.serviceName}>${one}`)
        expect(used.sort()).toEqual([...pairs].filter((pair) => pair.startsWith(one)).sort())
        expect(using.sort()).toEqual([...pairs].filter((pair) => pair.endsWith(one)).sort())
      }
    }),
  )
})
