import type { Instance } from '@rollcall/protocol/documents'
import { beforeEach, describe, expect, test } from 'vitest'
import { ManualClock } from '../../kernel/manual-clock.ts'
import { startFeed } from '../../storage/feed.ts'
import { MemoryStore } from '../../storage/memory/memory-store.ts'
import { OwnEntries } from './own-entries.ts'
import { OWN_TENANT } from './shared.ts'
import type { TestRegistry } from './test-registry.ts'
import { startRegistry } from './test-registry.ts'

let clock: ManualClock
let store: MemoryStore
let registry: TestRegistry
let warnings: string[]

beforeEach(async () => {
  clock = new ManualClock()
  store = new MemoryStore({ clock })
  registry = await startRegistry({ clock, store, startFeed })
  warnings = []
})

function ownEntries(address = '127.0.0.1:30100', hostName = 'host', isSecure = false): OwnEntries {
  const { view, services, instances } = registry
  const log = { error() {}, info() {}, warn: (_: object, sentence: string) => void warnings.push(sentence) }
  const engine = { version: '1.2.3', address, isSecure, hostName }
  return new OwnEntries({ view, services, instances, clock, log, engine })
}

async function find(serviceName: string): Promise<Instance[]> {
  const query = { environment: 'production', appId: 'default', serviceName, tags: [], consumerId: '' }
  const { text } = await registry.discovery.find(OWN_TENANT, query)
  return JSON.parse(text)
}

/** Lets beats that were started by the clock come to their end. */
const settle = () => new Promise((resolve) => process.nextTick(resolve))

describe('an engine that starts', () => {
  test('is found under its own names with its address', async () => {
    await ownEntries().start()
    expect(await find('SERVICECENTER')).toMatchObject([
      { endpoints: ['rest://127.0.0.1:30100/'], hostName: 'host', status: 'UP', version: '1.2.3' },
    ])
    expect(await find('CseMonitoring')).toMatchObject([{ endpoints: ['rest://127.0.0.1:30100?sslEnabled=false'] }])
    const [service] = registry.services.list(OWN_TENANT, true)
    expect(service?.record).toMatchObject({ environment: 'development', properties: { allowCrossApp: 'true' } })
    expect(registry.services.list(OWN_TENANT, false)).toEqual([])
  })

  test('says that it is reached over TLS', async () => {
    await ownEntries('127.0.0.1:30100', 'host', true).start()
    const tls = '?sslEnabled=true'
    expect(await find('SERVICECENTER')).toMatchObject([{ endpoints: [`rest://127.0.0.1:30100/${tls}`] }])
    expect(await find('CseMonitoring')).toMatchObject([{ endpoints: [`rest://127.0.0.1:30100${tls}`] }])
  })

  test('keeps itself alive', async () => {
    await ownEntries().start()
    for (let n = 0; n < 20; n++) {
      clock.advance(30_000)
      await settle()
    }
    expect(await find('SERVICECENTER')).toHaveLength(1)
  })

  test('beside another one has an entry of its own', async () => {
    await ownEntries('a:1').start()
    await ownEntries('b:1').start()
    expect(await find('SERVICECENTER')).toHaveLength(2)
  })

  test('again after a crash takes its old entry over', async () => {
    await ownEntries().start()
    await ownEntries().start()
    expect(await find('SERVICECENTER')).toHaveLength(1)
  })

  test('on a machine with a very long name is registered all the same', async () => {
    await ownEntries('h:1', 'h'.repeat(200)).start()
    expect(await find('SERVICECENTER')).toMatchObject([{ hostName: 'h'.repeat(64) }])
  })
})

test.each(['SERVICECENTER', 'CseMonitoring'])('an entry of %s that somebody removed is back at once', async (name) => {
  await ownEntries().start()
  const [{ serviceId = '', instanceId = '' } = {}] = await find(name)
  await registry.instances.unregister(OWN_TENANT, serviceId, instanceId)
  await expect.poll(() => find(name)).toMatchObject([{ instanceId, status: 'UP' }])
})

test('an entry that another tool took out together with its service is back with the next heartbeat', async () => {
  await ownEntries().start()
  const [{ serviceId = '' } = {}] = await find('SERVICECENTER')
  const removed: { key: string }[] = []
  for await (const page of store.read('/cse-sr/'))
    removed.push(...page.filter(({ key }) => key.includes('SERVICECENTER')))
  for await (const page of store.read('/cse-sr/')) removed.push(...page.filter(({ key }) => key.includes(serviceId)))
  await store.commit(
    [],
    [...new Set(removed.map(({ key }) => key))].map((key) => ({ key })),
  )
  await settle()
  clock.advance(30_000)
  await expect.poll(() => find('SERVICECENTER').catch(() => [])).toHaveLength(1)
})

test('an engine that stops is gone at once and does not come back', async () => {
  const own = ownEntries()
  await own.start()
  await own.stop()
  clock.advance(60_000)
  await settle()
  expect(await find('SERVICECENTER')).toEqual([])
  expect(await find('CseMonitoring')).toEqual([])
})

test('a store that refuses does not stop the engine from starting or stopping', async () => {
  const own = ownEntries()
  await store.close()
  await own.start()
  await own.stop()
  expect(warnings).toEqual([
    'could not register the engine itself; trying again',
    'could not register the engine itself; trying again',
  ])
})
