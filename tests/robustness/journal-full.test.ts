import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { EngineProcess } from '../conformance/wire/engine-process.ts'

const ERROR_LENGTH = 50_000
const LIMIT_MEGABYTES = 8
/** In blocks of 512 bytes. */
const LIMIT_BLOCKS = (LIMIT_MEGABYTES * 1_048_576) / 512
const REPORTS_MAX = 2000
const HEAD = { appId: 'shop', serviceName: 'order', instanceId: 'order-1' }

let folder: string
let data: string
let engine: EngineProcess

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rollcall-journal-full-'))
  data = join(folder, 'data')
})

afterEach(async () => {
  await engine.crash()
  await rm(folder, { recursive: true, force: true })
})

interface Reply {
  readonly status: number
  // biome-ignore lint/suspicious/noExplicitAny: answers of all routes
  readonly json: any
}

async function call(method: string, path: string, body?: unknown): Promise<Reply> {
  const init = body === undefined ? { method } : { method, body: JSON.stringify(body) }
  const response = await fetch(new URL(path, engine.url), init)
  const text = await response.text()
  return { status: response.status, json: text === '' ? undefined : JSON.parse(text) }
}

/** Reports transactions in flight, which stay for ever, until one is refused. @returns how many were taken, and the refusal */
async function fill(): Promise<{ readonly taken: number; readonly refusal: Reply }> {
  const errorMessage = 'x'.repeat(ERROR_LENGTH)
  for (let taken = 0; taken < REPORTS_MAX; taken++) {
    const txInfo = { globalTxId: `tx-${taken}`, role: 'ROOT', status: 'TRYING', errorMessage }
    const reply = await call('POST', '/v2/default/csemonitor/transaction', { head: HEAD, txInfo })
    if (reply.status !== 200) return { taken, refusal: reply }
  }
  throw new Error('everything was taken')
}

const statusOf = async (globalTxId: string) =>
  (await call('GET', `/v3/default/csemonitor/transactions/${globalTxId}`)).status

async function journalAlarm(): Promise<{ status: string; fields: { detail: string } } | undefined> {
  const { json } = await call('GET', '/v4/default/admin/alarms')
  return (json.alarms ?? []).find(({ id }: { id: string }) => id === 'JournalUnavailable')
}

/** What the registry does for its clients every day. */
async function expectRegistryWorks(): Promise<void> {
  const service = { serviceName: 'cart', appId: 'shop', version: '1.0.0' }
  const created = await call('POST', '/v4/default/registry/microservices', { service })
  expect(created.status).toBe(200)
  const instances = `/v4/default/registry/microservices/${created.json.serviceId}/instances`
  const instance = { hostName: 'host-1', endpoints: ['rest://127.0.0.1:8080'] }
  const { status, json } = await call('POST', instances, { instance })
  expect(status).toBe(200)
  expect((await call('PUT', `${instances}/${json.instanceId}/heartbeat`)).status).toBe(200)
  const found = await call('GET', '/v4/default/registry/instances?appId=shop&serviceName=cart')
  expect(found.json.instances).toHaveLength(1)
}

/** What holds for a full journal, whatever filled it. @returns how many reports were taken */
async function expectHonestRefusal(reason: RegExp): Promise<number> {
  const { taken, refusal } = await fill()
  expect(taken).toBeGreaterThan(20)
  expect(refusal).toMatchObject({ status: 500, json: { errorCode: '500011', detail: expect.stringMatching(reason) } })
  // What was taken is shown, what was refused is not.
  expect(await statusOf(`tx-${taken - 1}`)).toBe(200)
  expect(await statusOf(`tx-${taken}`)).toBe(404)
  expect(await journalAlarm()).toMatchObject({
    status: 'ACTIVATED',
    fields: { detail: expect.stringMatching(reason) },
  })
  await expectRegistryWorks()
  // Samples are in memory; nobody is told that they are on disk.
  const interfaces = [{ name: 'Provider.cart.get', qps: 1, latency: 5, total: 10 }]
  const report = { appId: 'shop', name: 'cart', version: '1.0.0', instance: 'host-1', interfaces }
  expect((await call('POST', '/v2/default/csemonitor/metric', report)).status).toBe(200)
  expect((await call('GET', '/v3/default/csemonitor/metric?service=cart')).json).toMatchObject([{ total: 10 }])
  return taken
}

async function expectKept(taken: number): Promise<void> {
  for (const index of [0, taken >> 1, taken - 1]) expect(await statusOf(`tx-${index}`)).toBe(200)
  expect((await call('GET', '/v3/default/csemonitor/transactions/statistics')).json.total).toBe(taken)
}

describe('when the journal can take no more, the registry goes on, telemetry says so, and nothing lies', () => {
  test('for want of disk: the next start, with room, has what was taken and nothing else', {
    timeout: 120_000,
  }, async (context) => {
    if (process.platform === 'win32') context.skip('no limits on file sizes')
    engine = await EngineProcess.startLimited(['--store.path', data], LIMIT_BLOCKS)
    const taken = await expectHonestRefusal(/the disk refused the write/)
    expect((await stat(join(data, 'journal.mdb'))).size).toBeLessThanOrEqual(LIMIT_MEGABYTES * 1_048_576)
    await engine.crash()
    engine = await EngineProcess.start(['--store.path', data])
    await expectKept(taken)
    expect(await journalAlarm()).toBeUndefined()
    expect((await call('POST', '/v2/default/csemonitor/transaction', { head: HEAD, activeTxList: [] })).status).toBe(
      200,
    )
  })

  test('because it has reached its limit: a larger limit lets it go on', { timeout: 120_000 }, async () => {
    const limit = ['--journal.maxMegabytes', String(LIMIT_MEGABYTES)]
    engine = await EngineProcess.start(['--store.path', data, ...limit])
    const taken = await expectHonestRefusal(/the journal has reached 8388608 bytes \(journal\.maxMegabytes\)/)
    await engine.crash()
    engine = await EngineProcess.start(['--store.path', data])
    await expectKept(taken)
    const head = { ...HEAD, timestamp: Date.now() }
    const txInfo = { globalTxId: 'one-more', status: 'TRYING' }
    expect((await call('POST', '/v2/default/csemonitor/transaction', { head, txInfo })).status).toBe(200)
    expect(await journalAlarm()).toBeUndefined()
  })
})
