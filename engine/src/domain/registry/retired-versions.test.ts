import { beforeEach, describe, expect, test } from 'vitest'
import { ManualClock } from '../../kernel/manual-clock.ts'
import { startFeed } from '../../storage/feed.ts'
import { MemoryStore } from '../../storage/memory/memory-store.ts'
import type { RetireRules } from './retired-versions.ts'
import { RetiredVersions } from './retired-versions.ts'
import type { TestRegistry } from './test-registry.ts'
import { createService, registerInstance, startRegistry, TENANT } from './test-registry.ts'

const RULES: RetireRules = { keep: 2, minAgeSeconds: 0 }

/** Lets somebody else act between a decision and its commit. */
class OvertakenStore extends MemoryStore {
  meanwhile: (() => Promise<unknown>) | undefined

  override async commit(...plan: Parameters<MemoryStore['commit']>): ReturnType<MemoryStore['commit']> {
    const { meanwhile } = this
    this.meanwhile = undefined
    await meanwhile?.()
    return super.commit(...plan)
  }
}

let clock: ManualClock
let store: OvertakenStore
let registry: TestRegistry
let retired: RetiredVersions

beforeEach(async () => {
  clock = new ManualClock()
  store = new OvertakenStore({ clock })
  registry = await startRegistry({ clock, store, startFeed })
  const { view, committer } = registry
  const relations = { usage: { isUsedByOthers: () => true }, companions: [] }
  retired = new RetiredVersions({ view, committer, relations, clock })
})

/** Creates versions of a name, each with its version as id. */
async function deploy(...versions: readonly string[]): Promise<void> {
  for (const version of versions) await createService(registry, { serviceName: 'cart', version, serviceId: version })
}

const reasons = (rules = RULES) =>
  Object.fromEntries(retired.judge(TENANT, rules).map(({ id, reason }) => [id, reason ?? 'goes']))
const left = () => registry.services.list(TENANT, true).map(({ id }) => id)

test('the newest by their numbers stay, whatever the order of their creation', async () => {
  await deploy('1.9.0', '1.10.0', '1.2', '10.0', '1.10')
  expect(reasons()).toEqual({ '10.0': 'newest', '1.10.0': 'newest', '1.10': 'goes', '1.9.0': 'goes', '1.2': 'goes' })
})

test('a version with instances stays, and so does a new or changed one', async () => {
  await deploy('1', '2', '3', '4', '5')
  clock.advance(3_600_000)
  await registerInstance(registry, '1')
  await registry.services.setProperties(TENANT, '2', { a: 'b' })
  const rules = { keep: 2, minAgeSeconds: 3600 }
  expect(reasons(rules)).toEqual({ 1: 'instances', 2: 'recent', 3: 'goes', 4: 'newest', 5: 'newest' })
  expect((await retired.retire(TENANT, rules)).length).toBe(5)
  expect(left()).toEqual(['1', '2', '4', '5'])
})

test('names, applications, environments and tenants are counted apart', async () => {
  for (const more of [{}, { appId: 'other' }, { environment: 'testing' }, { serviceName: 'else' }]) {
    await createService(registry, { serviceName: 'cart', version: '1', ...more })
    await createService(registry, { serviceName: 'cart', version: '2', ...more })
  }
  await createService(registry, { serviceName: 'cart', version: '3' }, { tenant: 'other/default' })
  expect((await retired.retire(TENANT, { keep: 1, minAgeSeconds: 0 })).map(({ reason }) => reason)).toEqual(
    Array.from({ length: 4 }, () => ['newest', undefined]).flat(),
  )
  expect(left()).toHaveLength(4)
})

test('judging removes nothing, and the engine’s own services are not judged', async () => {
  await deploy('1', '2', '3')
  const own = { serviceName: 'SERVICECENTER', environment: 'development' }
  for (const version of ['1', '2', '3']) await createService(registry, { ...own, version })
  expect(Object.keys(reasons())).toEqual(['3', '2', '1'].sort())
  expect(left()).toHaveLength(6)
})

test('a service that others depend on goes too: they depend on its name, which stays', async () => {
  await deploy('1', '2')
  await retired.retire(TENANT, { keep: 1, minAgeSeconds: 0 })
  expect(left()).toEqual(['2'])
})

describe('meanwhile', () => {
  test('an instance that registers first keeps its version', async () => {
    await deploy('1', '2', '3')
    store.meanwhile = () => registerInstance(registry, '1')
    const verdicts = await retired.retire(TENANT, RULES)
    expect(verdicts.map(({ id, reason }) => `${id} ${reason}`)).toContain('1 instances')
    expect(left()).toEqual(['1', '2', '3'])
  })

  test('two runs at once remove each version once', async () => {
    await deploy('1', '2', '3', '4', '5')
    const runs = await Promise.all([retired.retire(TENANT, RULES), retired.retire(TENANT, RULES)])
    const gone = runs.flat().filter(({ reason }) => reason === undefined)
    expect(gone.map(({ id }) => id).sort()).toEqual(['1', '2', '3'])
    expect(left()).toEqual(['4', '5'])
  })

  test('when a newer version is removed by hand, the older one takes its place', async () => {
    await deploy('1', '2', '3')
    store.meanwhile = () => registry.services.remove(TENANT, '3', true)
    await retired.retire(TENANT, RULES)
    expect(left()).toEqual(['1', '2'])
  })
})
