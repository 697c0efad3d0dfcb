import { monitorTransactions, TccError } from '@rollcall/client'
import { expect, test } from 'vitest'
import { startTestBed, type TestBed } from './client-fixture.ts'

const OWNER = { appId: 'shop', serviceName: 'order', version: '1.0.0', instanceId: 'order-1' }
const REPORT = /POST .*csemonitor\/transaction$/

// biome-ignore lint/suspicious/noExplicitAny: answers of the monitoring API
async function read({ engine }: Pick<TestBed, 'engine'>, path = ''): Promise<any> {
  return (await fetch(`${engine.url}/v3/default/csemonitor/transactions${path}`)).json()
}

/** Lets the client's time pass until its next report has been answered. */
async function untilReported(bed: TestBed, ms = 10_000): Promise<void> {
  const answered = bed.untilAnswer(REPORT)
  bed.clientClock.advance(ms)
  await answered
}

/** Lets the client's time pass, so that pauses end, until a promise is settled. */
async function settle<Result>(bed: TestBed, promise: Promise<Result>): Promise<PromiseSettledResult<Result>> {
  let settled: PromiseSettledResult<Result> | undefined
  void Promise.allSettled([promise]).then(([outcome]) => {
    settled = outcome
  })
  await expect
    .poll(() => {
      bed.clientClock.advance(10_000)
      return settled
    })
    .toBeDefined()
  return settled as PromiseSettledResult<Result>
}

test('a transaction is seen while it is tried, and confirmed with what try gave', async () => {
  await using bed = await startTestBed()
  const transactions = monitorTransactions(bed.client, OWNER)
  const go = Promise.withResolvers<string>()
  let confirmed = ''
  const running = transactions.withTcc(
    (context) => {
      context.addParticipant({ branchTxId: 'b1', serviceName: 'stock', tryMethod: 'reserve' })
      return go.promise
    },
    (result) => {
      confirmed = result
    },
    () => expect.unreachable(),
    { name: 'buy', timeoutMs: 60_000 },
  )
  await untilReported(bed)
  const { transactions: listed } = await read(bed)
  expect(listed).toMatchObject([{ ...OWNER, name: 'buy', model: 'TCC', status: 'TRYING', timeoutMs: 60_000 }])
  go.resolve('reserved')
  expect(await running).toBe('reserved')
  expect(confirmed).toBe('reserved')
  await untilReported(bed)
  const detail = await read(bed, `/${listed[0].globalTxId}`)
  expect(detail).toMatchObject({ status: 'CONFIRMED', inFlight: false, retriedCount: 0, errorMessage: '' })
  expect(detail.tree[0].children).toMatchObject([{ serviceName: 'stock', reported: false }])
})

test('a try that throws is cancelled, as often as it takes, and thrown on', async () => {
  await using bed = await startTestBed()
  const transactions = monitorTransactions(bed.client, OWNER)
  const counts: number[] = []
  const failed = transactions.withTcc(
    () => Promise.reject(new Error('out of stock')),
    () => expect.unreachable(),
    (error, { retriedCount }) => {
      expect(error).toMatchObject({ message: 'out of stock' })
      counts.push(retriedCount)
      if (retriedCount < 2) throw new Error('no answer')
    },
  )
  expect(await settle(bed, failed)).toMatchObject({ status: 'rejected', reason: { message: 'out of stock' } })
  expect(counts).toEqual([0, 1, 2])
  await transactions.close()
  const { transactions: listed } = await read(bed)
  expect(listed).toMatchObject([{ status: 'CANCELLED', retriedCount: 2, errorMessage: 'no answer' }])
})

test('a confirm that never succeeds is told to the application, and shown as stuck', async () => {
  await using bed = await startTestBed()
  const transactions = monitorTransactions(bed.client, OWNER)
  const confirm = () => {
    throw new Error('always')
  }
  const outcome = await settle(
    bed,
    transactions.withTcc(
      () => 1,
      confirm,
      () => {},
      { retries: 10 },
    ),
  )
  expect(outcome).toMatchObject({ status: 'rejected', reason: { step: 'confirm', cause: { message: 'always' } } })
  expect((outcome as PromiseRejectedResult).reason).toBeInstanceOf(TccError)
  await transactions.close()
  const { transactions: stuck } = await read(bed, '?stuck=true')
  expect(stuck).toMatchObject([{ status: 'CONFIRM_FAILED', retriedCount: 10, errorMessage: 'always' }])
})

test('branches in other processes are one tree with the root', async () => {
  await using bed = await startTestBed()
  const root = monitorTransactions(bed.client, OWNER)
  const other = monitorTransactions(bed.connect(), { appId: 'shop', serviceName: 'stock' })
  const nothing = () => {}
  const globalTxId = await root.withTcc(
    async (parent) => {
      await other.withTcc(() => 1, nothing, nothing, { name: 'reserve', parent })
      return parent.globalTxId
    },
    nothing,
    nothing,
    { name: 'buy' },
  )
  await Promise.all([root.close(), other.close()])
  const detail = await read(bed, `/${globalTxId}`)
  expect(detail).toMatchObject({ name: 'buy', serviceName: 'order', status: 'CONFIRMED', branchCount: 2 })
  expect(detail.tree).toMatchObject([{ name: 'buy', children: [{ name: 'reserve', serviceName: 'stock' }] }])
})

test('while no engine answers, transactions go on unhindered, and it hears of them when it is back', async () => {
  await using bed = await startTestBed()
  let isAway = true
  const flaky: typeof fetch = async (...request) => {
    if (isAway) throw new TypeError('fetch failed', { cause: Object.assign(new Error(), { code: 'ECONNREFUSED' }) })
    return fetch(...request)
  }
  const transactions = monitorTransactions(bed.connect({ fetch: flaky }), OWNER)
  const nothing = () => {}
  for (let index = 0; index < 1200; index++) {
    expect(await transactions.withTcc(() => index, nothing, nothing)).toBe(index)
    bed.clientClock.advance(100)
  }
  const open = transactions.withTcc(() => new Promise(() => {}), nothing, nothing, { name: 'open' })
  void open
  expect(await read(bed)).toEqual({ transactions: [] })
  isAway = false
  const total = async () => {
    bed.clientClock.advance(30_000)
    return (await read(bed, '/statistics')).total
  }
  await expect.poll(total).toBe(1201)
  expect(await read(bed, '/statistics')).toMatchObject({ inFlight: 1, byStatus: { CONFIRMED: 1200, TRYING: 1 } })
})

test('an engine that refuses reports hinders nobody', async () => {
  await using bed = await startTestBed()
  const warnings: string[] = []
  const log = { info() {}, warn: (_: object, sentence: string) => void warnings.push(sentence) }
  const transactions = monitorTransactions(bed.connect({ log }), { ...OWNER, version: 'v'.repeat(300) })
  expect(
    await transactions.withTcc(
      () => 1,
      () => {},
      () => {},
    ),
  ).toBe(1)
  await transactions.close()
  expect(warnings).toEqual(['the engine refused a report of transactions; its ended ones are given up'])
})
