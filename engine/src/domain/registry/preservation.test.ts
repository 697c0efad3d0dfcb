import { beforeEach, describe, expect, test } from 'vitest'
import { ManualClock } from '../../kernel/manual-clock.ts'
import { startFeed } from '../../storage/feed.ts'
import { MemoryStore } from '../../storage/memory/memory-store.ts'
import { Preservation } from './preservation.ts'
import type { TestRegistry } from './test-registry.ts'
import { createService, registerInstance, startRegistry, TENANT } from './test-registry.ts'

/** Instances beat every 10 s and live 40 s without. */
const HEALTH = { mode: 'push', interval: 10, times: 3 }
const TTL_SECONDS = 40
const STEP_MS = 1000
/** How much later than promised the store and the preservation may look. */
const SLACK_SECONDS = 6

let clock: ManualClock
let registry: TestRegistry
let id: string

async function open(preservation: { enabled?: boolean; minInstances?: number; maxSeconds?: number } = {}) {
  clock = new ManualClock()
  registry = await startRegistry({ clock, store: new MemoryStore({ clock }), startFeed, preservation })
  id = await createService(registry, { serviceName: 'p' })
}

beforeEach(() => open())

const names = (count: number, prefix = 'i') => Array.from({ length: count }, (_, n) => `${prefix}${n}`)

async function register(instanceIds: readonly string[], serviceId = id, healthCheck = HEALTH): Promise<void> {
  for (const instanceId of instanceIds) await registerInstance(registry, serviceId, { instanceId, healthCheck })
}

const alive = (serviceId = id) => [...registry.services.get(TENANT, serviceId).instances.keys()]

/** Lets time pass while `beating` send their heartbeats. */
async function pass(seconds: number, beating: readonly string[] = [], serviceId = id): Promise<void> {
  for (let second = 0; second < seconds; second++) {
    clock.advance(STEP_MS)
    if (clock.monotonic() % 10_000 !== 0) continue
    for (const instanceId of beating) await registry.instances.beat(TENANT, serviceId, instanceId)
  }
}

describe('few of many', () => {
  test('one dead of ten goes on time', async () => {
    const all = names(10)
    await register(all)
    await pass(TTL_SECONDS - 1, all.slice(1))
    expect(alive()).toHaveLength(10)
    await pass(2, all.slice(1))
    expect(alive()).toEqual(all.slice(1))
    expect(registry.preservation.list(TENANT)).toEqual([])
  })

  test('seven dead of ten go on time: that is less than the threshold', async () => {
    const all = names(10)
    await register(all)
    await pass(TTL_SECONDS + 1, all.slice(7))
    expect(alive()).toEqual(all.slice(7))
  })

  test('one after the other, even all of them: nobody is silent together', async () => {
    const all = names(10)
    await register(all)
    for (let dead = 1; dead <= 4; dead++) {
      await pass(2 * TTL_SECONDS, all.slice(dead))
      expect(alive()).toEqual(all.slice(dead))
    }
  })
})

describe('most of many', () => {
  const all = names(10)
  const [lucky = ''] = all

  beforeEach(() => register(all))

  test('nine silent of ten are held for one more life and not longer', async () => {
    await pass(2 * TTL_SECONDS - 1, [lucky])
    expect(alive()).toHaveLength(10)
    await pass(SLACK_SECONDS + 1, [lucky])
    expect(alive()).toEqual([lucky])
  })

  test('all silent are held for one more life and not longer', async () => {
    await pass(2 * TTL_SECONDS - 1)
    expect(alive()).toHaveLength(10)
    await pass(SLACK_SECONDS + 1)
    expect(alive()).toEqual([])
  })

  test('is seen by the operator while it lasts', async () => {
    await pass(TTL_SECONDS - 1, [lucky])
    expect(registry.preservation.list(TENANT)).toEqual([])
    await pass(2, [lucky])
    const startMs = 1_700_000_000_000
    const [held] = registry.preservation.list(TENANT)
    expect(held).toMatchObject({ instances: 10, silent: 9 })
    expect(held?.service.id).toBe(id)
    expect(held?.sinceMs).toBe(startMs + TTL_SECONDS * 1000)
    expect(held?.untilMs).toBe(startMs + 2 * TTL_SECONDS * 1000)
    expect(registry.preservation.list('shop/p')).toEqual([])
    await pass(TTL_SECONDS + SLACK_SECONDS, [lucky])
    expect(registry.preservation.list(TENANT)).toEqual([])
  })

  test('those that come back live on as before; the others go at their time', async () => {
    const back = all.slice(0, 5)
    await pass(TTL_SECONDS + 15, [lucky])
    for (const instanceId of back) await registry.instances.beat(TENANT, id, instanceId)
    await pass(TTL_SECONDS + SLACK_SECONDS, back)
    expect(alive()).toEqual(back)
    await pass(5 * TTL_SECONDS, back)
    expect(alive()).toEqual(back)
  })

  test('when all come back nothing is held and nobody was lost', async () => {
    await pass(TTL_SECONDS + 15, [lucky])
    await pass(TTL_SECONDS + 15, all)
    expect(alive()).toHaveLength(10)
    expect(registry.events.filter(({ action }) => action === 'DELETE')).toEqual([])
    expect(registry.preservation.list(TENANT)).toEqual([])
  })

  test('a second cut after all came back is held again for a whole life', async () => {
    await pass(TTL_SECONDS + 15)
    await pass(100, all)
    await pass(2 * TTL_SECONDS - 10)
    expect(alive()).toHaveLength(10)
    await pass(TTL_SECONDS)
    expect(alive()).toEqual([])
  })

  test('one that came back while others are held has a whole life again, and may be held once more', async () => {
    const others = names(10, 'o')
    await pass(19)
    await register(others)
    await pass(31)
    await registry.instances.beat(TENANT, id, lucky)
    await pass(TTL_SECONDS - 2)
    expect(alive()).toEqual([lucky, ...others])
    await pass(5)
    expect(alive()).toEqual([lucky, ...others])
    await pass(20)
    expect(alive()).toEqual([])
  })

  test('when all have come back there is nothing to release', async () => {
    await pass(TTL_SECONDS + 15, [lucky])
    await pass(20, all)
    expect(registry.preservation.release(TENANT, id)).toBe(false)
  })

  test('a release holds for this cut only', async () => {
    await pass(TTL_SECONDS + 5, [lucky])
    registry.preservation.release(TENANT, id)
    await pass(SLACK_SECONDS, [lucky])
    await register(all.slice(1))
    await pass(100, all)
    await pass(TTL_SECONDS + 5)
    expect(alive()).toHaveLength(10)
  })

  test('unregistering takes effect at once, held or not', async () => {
    await pass(TTL_SECONDS + 5, [lucky])
    await registry.instances.unregister(TENANT, id, 'i5')
    expect(alive()).not.toContain('i5')
  })

  test("the operator's release lets the silent go, and only them", async () => {
    await pass(TTL_SECONDS + 5, [lucky])
    expect(registry.preservation.release(TENANT, id)).toBe(true)
    expect(registry.preservation.list(TENANT)).toEqual([])
    await pass(SLACK_SECONDS, [lucky])
    expect(alive()).toEqual([lucky])
  })

  test('there is nothing to release where nothing is held', async () => {
    expect(registry.preservation.release(TENANT, id)).toBe(false)
    await pass(TTL_SECONDS + 5)
    expect(registry.preservation.release('shop/p', id)).toBe(false)
    expect(registry.preservation.release(TENANT, 'x')).toBe(false)
  })

  test('another service is judged by its own instances', async () => {
    const other = await createService(registry, { serviceName: 'q' })
    const others = names(10, 'q')
    await register(others, other)
    await pass(5)
    await pass(TTL_SECONDS - 3, others.slice(1), other)
    expect(alive(other)).toEqual(others.slice(1))
    expect(alive()).toHaveLength(10)
  })

  test('eighty of a hundred is enough, in the words of the setting', async () => {
    const hundred = names(100, 'h')
    const service = await createService(registry, { serviceName: 'h' })
    await register(hundred, service)
    await pass(TTL_SECONDS + 5, hundred.slice(80), service)
    expect(alive(service)).toHaveLength(100)
    await pass(TTL_SECONDS + SLACK_SECONDS, hundred.slice(80), service)
    expect(alive(service)).toEqual(hundred.slice(80))
  })
})

describe('settings', () => {
  test('a service below the least size is never held', async () => {
    await register(names(5))
    await pass(TTL_SECONDS + 1)
    expect(alive()).toEqual([])
  })

  test('the least size can be set', async () => {
    await open({ minInstances: 1 })
    await register(names(1))
    await pass(TTL_SECONDS + 1)
    expect(alive()).toHaveLength(1)
  })

  test('switched off, everybody goes on time', async () => {
    await open({ enabled: false })
    await register(names(10))
    await pass(TTL_SECONDS + 1)
    expect(alive()).toEqual([])
  })

  test('nobody is held longer than the setting says, however long its life', async () => {
    await open({ maxSeconds: 20 })
    await register(names(10))
    await pass(TTL_SECONDS + 19)
    expect(alive()).toHaveLength(10)
    await pass(SLACK_SECONDS + 1)
    expect(alive()).toEqual([])
  })
})

/*
 * Real timers come late. The preservation is asked about leases when their time is up, says how much longer to keep
 * them, and is asked again somewhat after that.
 */
describe('when every question comes somewhat late', () => {
  const ROUNDS_MAX = 100

  /** Seconds for which ten silent instances are kept beyond their lease; the store's own clock stands still. */
  async function heldSeconds(lateMs: number, maxSeconds: number): Promise<number> {
    await register(names(10))
    const leases = names(10).map((name) => registry.view.instance(TENANT, id, name)?.lease ?? '')
    const late = new ManualClock()
    const instance = { minIntervalSeconds: 5, minTimes: 3, ttlSeconds: 0 }
    const limits = { enabled: true, threshold: 0.8, minInstances: 6, maxSeconds, instance }
    const preservation = new Preservation(registry.view, late, limits)
    late.advance(TTL_SECONDS * 1000 + lateMs)
    for (let round = 0; round < ROUNDS_MAX; round++) {
      const seconds = Math.max(...preservation.spare(leases))
      if (seconds === 0) break
      late.advance(seconds * 1000 + lateMs)
    }
    expect(preservation.ended).toBe(leases.length)
    return late.monotonic() / 1000 - TTL_SECONDS
  }

  test.each([0, 1, 30, 99, 250, 700])('%i ms: nobody is held for more than one more life', async (lateMs) => {
    const held = await heldSeconds(lateMs, 600)
    expect(held).toBeGreaterThanOrEqual(TTL_SECONDS)
    expect(held).toBeLessThan(TTL_SECONDS + SLACK_SECONDS)
  })

  test.each([0, 30, 700])('%i ms: nobody is held longer than the setting says', async (lateMs) => {
    const held = await heldSeconds(lateMs, 20)
    expect(held).toBeGreaterThanOrEqual(20)
    expect(held).toBeLessThan(20 + SLACK_SECONDS)
  })
})
