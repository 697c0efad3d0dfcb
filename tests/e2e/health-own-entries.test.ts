import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Engine } from '@rollcall/engine/engine'
import { startEngine } from '@rollcall/engine/engine'
import { ManualClock } from '@rollcall/engine/kernel/manual-clock'
import { loadSettings } from '@rollcall/engine/settings'
import { afterEach, beforeEach, expect, test } from 'vitest'

const QUIET = { error() {}, warn() {}, info() {} }

let folder: string
let clock: ManualClock
let engine: Engine | undefined

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rollcall-health-'))
  clock = new ManualClock()
})

afterEach(async () => {
  await engine?.close()
  await rm(folder, { recursive: true })
})

async function start(...flags: string[]): Promise<Engine> {
  const store = ['--store.kind', 'lmdb', '--store.path', folder, '--server.drainSeconds', '0']
  engine = await startEngine(loadSettings(['--server.port', '0', ...store, ...flags], {}), { log: QUIET, clock })
  return engine
}

// biome-ignore lint/suspicious/noExplicitAny: answers of all routes
async function get(path: string): Promise<any> {
  const response = await fetch(`${engine?.url}${path}`)
  expect(response.status).toBe(200)
  return response.json()
}

const engines = async () => (await get('/v4/default/registry/health')).instances

test('an engine says where it is, and is found under the name that clients look up, from every environment', async () => {
  const { url } = await start()
  const [self, ...others] = await engines()
  expect(others).toEqual([])
  expect(self).toMatchObject({ endpoints: [`${url.replace('http', 'rest')}/`], status: 'UP' })
  for (const environment of ['', 'development', 'production']) {
    const search = `appId=default&serviceName=SERVICECENTER&version=0.0.1&env=${environment}`
    const { instances } = await get(`/v4/default/registry/instances?${search}`)
    expect(instances).toEqual([self])
  }
  const monitoring = await get('/v4/default/registry/instances?appId=default&serviceName=CseMonitoring')
  expect(monitoring.instances[0].endpoints).toEqual([`${url.replace('http', 'rest')}?sslEnabled=false`])
})

test('an address can be advertised', async () => {
  await start('--server.advertised', 'registry.example.com:30100')
  expect((await engines())[0].endpoints).toEqual(['rest://registry.example.com:30100/'])
})

test('it stays for as long as the engine runs', async () => {
  await start()
  const [self] = await engines()
  for (let n = 0; n < 20; n++) {
    clock.advance(30_000)
    expect(await engines()).toEqual([self])
  }
})

test('an engine that was killed and comes back has one entry', async () => {
  const port = await freePort()
  await start('--server.port', String(port))
  const [before] = await engines()
  await engine?.close()
  await start('--server.port', String(port))
  const found = await engines()
  expect(found).toHaveLength(1)
  expect(found[0].instanceId).toBe(before.instanceId)
})

test('what is ready says so', async () => {
  await start()
  expect(await get('/v4/default/registry/health/readiness')).toEqual({ status: 'READY' })
})

/** A port that nobody listens on right now. */
function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer().on('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address()
      probe.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0))
    })
  })
}
