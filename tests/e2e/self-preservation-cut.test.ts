import { useEngine } from '@rollcall/engine/test-engine'
import { describe, expect, test } from 'vitest'

/** A lease of 120 s, the default. */
const LIFE_SECONDS = 120

const engine = useEngine({ base: '/v4/default', perTest: true })
const { clock, send } = engine

/** @param line method and path, as in the first line of a request */
// biome-ignore lint/suspicious/noExplicitAny: answers of all routes
async function call(line: string, body?: object, tenant = 'default'): Promise<any> {
  const [method = '', path = ''] = line.split(' ')
  return (await send(method, path, { body, tenant })).json ?? {}
}

const names = (count: number) => Array.from({ length: count }, (_, n) => `i${n}`)

async function deploy(serviceId: string, count: number, tenant = 'default'): Promise<void> {
  const service = { serviceName: serviceId, serviceId }
  const instances = names(count).map((instanceId) => ({ instanceId, hostName: 'h' }))
  await call('POST /registry/microservices', { service, instances }, tenant)
}

async function alive(serviceId: string, tenant = 'default'): Promise<number> {
  const { instances = [] } = await call(`GET /registry/microservices/${serviceId}/instances`, undefined, tenant)
  return instances.length
}

const held = async (tenant = 'default') => (await call('GET /admin/self-preservation', undefined, tenant)).services

/** Lets time pass while the first `beating` instances of a service send their heartbeats. */
async function pass(seconds: number, serviceId = '', beating = 0): Promise<void> {
  for (let left = seconds; left > 0; left -= 10) {
    clock.advance(Math.min(left, 10) * 1000)
    const instances = names(beating).map((instanceId) => ({ serviceId, instanceId }))
    if (beating > 0) await call('PUT /registry/heartbeats', { instances })
  }
}

test('one of ten that dies goes on time, and nothing is held', async () => {
  await deploy('s', 10)
  await pass(LIFE_SECONDS - 1, 's', 9)
  expect(await alive('s')).toBe(10)
  await pass(2, 's', 9)
  expect(await alive('s')).toBe(9)
  expect(await held()).toEqual([])
})

test('nine of ten that fall silent are found for one more life, and not longer', async () => {
  await deploy('s', 10)
  await pass(2 * LIFE_SECONDS - 2, 's', 1)
  expect(await alive('s')).toBe(10)
  expect(await held()).toMatchObject([{ serviceId: 's', instances: 10, silent: 9 }])
  await pass(8, 's', 1)
  expect(await alive('s')).toBe(1)
  expect(await held()).toEqual([])
})

test('a network that comes back finds everybody still there', async () => {
  await deploy('s', 10)
  await pass(LIFE_SECONDS + 60)
  expect(await alive('s')).toBe(10)
  await pass(3 * LIFE_SECONDS, 's', 10)
  expect(await alive('s')).toBe(10)
  expect(await held()).toEqual([])
})

test('an operator ends it', async () => {
  await deploy('s', 10)
  await pass(LIFE_SECONDS + 10, 's', 1)
  await call('DELETE /admin/self-preservation/s')
  await pass(6, 's', 1)
  expect(await alive('s')).toBe(1)
})

test('small services are never held, also when a large one is', async () => {
  await deploy('large', 10)
  await deploy('small', 5)
  await pass(LIFE_SECONDS + 1)
  expect([await alive('large'), await alive('small')]).toEqual([10, 0])
})

test('tenants are judged on their own, and see their own', async () => {
  await deploy('s', 10)
  await deploy('s', 10, 'shop')
  await pass(LIFE_SECONDS + 1, 's', 9)
  expect([await alive('s'), await alive('s', 'shop')]).toEqual([9, 10])
  expect(await held()).toEqual([])
  expect(await held('shop')).toMatchObject([{ serviceId: 's', silent: 10 }])
})

describe('settings', () => {
  test.each([
    ['off', ['--discovery.selfPreservation.enabled', 'false'], 0],
    ['a larger least size', ['--discovery.selfPreservation.minInstances', '11'], 0],
    ['a short limit', ['--discovery.selfPreservation.maxSeconds', '5'], 0],
    ['as shipped', [], 10],
  ])('%s', async (_, flags, left) => {
    await engine.stop()
    await engine.start(flags)
    await deploy('s', 10)
    await pass(LIFE_SECONDS + 20)
    expect(await alive('s')).toBe(left)
  })
})
