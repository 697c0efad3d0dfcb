import type { TxInfo, TxReport, TxStatus } from '@rollcall/protocol/transactions'
import { TX_STATUSES } from '@rollcall/protocol/transactions'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ManualClock } from '../../kernel/manual-clock.ts'
import { MemoryJournal } from '../../storage/memory/memory-journal.ts'
import type { Search } from './search.ts'
import { Transactions } from './transactions.ts'

const HOUR_MS = 3_600_000
const TENANT = 'default/default'
const QUIET = { error() {}, warn() {}, info() {} }
/** As it comes over the wire. */
const received = (report: TxReport) => ({ report, text: JSON.stringify(report) })
const ALL: Search = {
  statuses: new Set(),
  model: '',
  service: '',
  app: '',
  stuck: undefined,
  from: 0,
  to: Number.POSITIVE_INFINITY,
  name: '',
  limit: 1000,
  after: undefined,
}

interface Bed {
  readonly clock: ManualClock
  readonly journal: MemoryJournal
  readonly transactions: Transactions
  /** A process that begins with the same journal. */
  restart(): Promise<Transactions>
}

async function start(limits = { retentionHours: 24, maxBytes: 1e8 }): Promise<Bed> {
  const clock = new ManualClock()
  const journal = new MemoryJournal({ clock })
  const restart = async () => {
    const transactions = new Transactions({ journal, clock, log: QUIET, limits })
    await transactions.start()
    return transactions
  }
  return { clock, journal, transactions: await restart(), restart }
}

const head = (instanceId: string, timestamp: number) => ({
  appId: 'a',
  serviceName: `s-${instanceId}`,
  instanceId,
  timestamp,
})
const info = (globalTxId: string, status: TxStatus, members: Partial<TxInfo> = {}): TxInfo => ({
  globalTxId,
  status,
  role: 'ROOT',
  ...members,
})

/** Everything that reads show. */
async function stateOf(transactions: Transactions): Promise<unknown> {
  const { transactions: listed } = transactions.list(TENANT, ALL)
  const details = listed.map(({ globalTxId }) => transactions.detail(TENANT, globalTxId))
  return { details, statistics: await transactions.statistics(TENANT) }
}

const statusesOf = (transactions: Transactions) =>
  Object.fromEntries(transactions.list(TENANT, ALL).transactions.map(({ globalTxId, status }) => [globalTxId, status]))

const times = fc.integer({ min: 1, max: 40 })
const txInfo = fc.record(
  {
    globalTxId: fc.constantFrom('g1', 'g2', 'g3'),
    branchTxId: fc.constantFrom('b1', 'b2'),
    parentTxId: fc.constantFrom('b1', 'b2', 'g1'),
    model: fc.constantFrom('TCC' as const, 'SAGA' as const),
    role: fc.constantFrom('ROOT' as const, 'BRANCH' as const),
    name: fc.constantFrom('x', 'y'),
    status: fc.constantFrom(...TX_STATUSES),
    beginTime: times,
    updateTime: times,
    timeoutMs: times,
    retriedCount: fc.integer({ min: 0, max: 12 }),
    errorMessage: fc.constantFrom('bad', 'worse'),
    participants: fc.array(
      fc.record(
        {
          branchTxId: fc.constantFrom('b1', 'p1', '__proto__'),
          confirmMethod: fc.constantFrom('c', 'd'),
          status: fc.constantFrom(...TX_STATUSES),
        },
        { requiredKeys: [] },
      ),
      { maxLength: 2 },
    ),
  },
  { requiredKeys: ['globalTxId', 'status'] },
)
const anyReport: fc.Arbitrary<TxReport> = fc.record(
  {
    head: fc.tuple(fc.constantFrom('i1', 'i2'), times).map(([id, time]) => head(id, time)),
    activeTxList: fc.array(txInfo, { maxLength: 4 }),
    finishedTxList: fc.array(txInfo, { maxLength: 2 }),
    txInfo,
  },
  { requiredKeys: ['head'] },
) as fc.Arbitrary<TxReport>

const shuffled = fc.array(anyReport, { minLength: 1, maxLength: 7 }).chain((reports) =>
  fc.record({
    reports: fc.constant(reports),
    // Some twice, in any order.
    again: fc.subarray(reports).chain((twice) =>
      fc.shuffledSubarray([...reports, ...twice], {
        minLength: reports.length + twice.length,
        maxLength: reports.length + twice.length,
      }),
    ),
  }),
)

describe('whatever is reported', () => {
  test('any order and repetition of reports gives the same', () =>
    fc.assert(
      fc.asyncProperty(shuffled, async ({ reports, again }) => {
        const one = await start()
        const other = await start()
        for (const report of reports) await one.transactions.report(TENANT, received(report))
        for (const report of again) await other.transactions.report(TENANT, received(report))
        expect(await stateOf(other.transactions)).toEqual(await stateOf(one.transactions))
      }),
      { numRuns: 150 },
    ))

  test('reports that arrive at the same moment, and a restart after them, give the same', () =>
    fc.assert(
      fc.asyncProperty(shuffled, async ({ reports, again }) => {
        const one = await start()
        const other = await start()
        for (const report of reports) await one.transactions.report(TENANT, received(report))
        await Promise.all(again.map((report) => other.transactions.report(TENANT, received(report))))
        const wanted = await stateOf(one.transactions)
        expect(await stateOf(other.transactions)).toEqual(wanted)
        expect(await stateOf(await other.restart())).toEqual(wanted)
        expect(await stateOf(await one.restart())).toEqual(wanted)
      }),
      { numRuns: 100 },
    ))
})

describe('what follows from reports', () => {
  test('a status never goes back', async () => {
    const { transactions } = await start()
    await transactions.report(
      TENANT,
      received({ head: head('i', 5), txInfo: info('g', 'CONFIRMED', { updateTime: 5 }) }),
    )
    await transactions.report(
      TENANT,
      received({ head: head('i', 9), activeTxList: [info('g', 'TRYING', { updateTime: 9 })] }),
    )
    await transactions.report(TENANT, received({ head: head('i', 10), activeTxList: [] }))
    expect(statusesOf(transactions)).toEqual({ g: 'CONFIRMED' })
  })

  test('what left the list of its instance without an end is lost, until its end or a later list tells otherwise', async () => {
    const { transactions } = await start()
    const list = (time: number, ...ids: string[]) =>
      transactions.report(
        TENANT,
        received({ head: head('i', time), activeTxList: ids.map((id) => info(id, 'TRYING')) }),
      )
    await list(10, 'a', 'b', 'c')
    await list(20, 'a')
    expect(statusesOf(transactions)).toEqual({ a: 'TRYING', b: 'LOST', c: 'LOST' })
    await list(15)
    expect(statusesOf(transactions)).toMatchObject({ a: 'TRYING' })
    await list(30, 'a', 'b')
    await transactions.report(TENANT, received({ head: head('i', 31), finishedTxList: [info('c', 'CANCELLED')] }))
    expect(statusesOf(transactions)).toEqual({ a: 'TRYING', b: 'TRYING', c: 'CANCELLED' })
  })

  test('lists of one instance say nothing of the transactions of another one', async () => {
    const { transactions } = await start()
    await transactions.report(TENANT, received({ head: head('i', 1), activeTxList: [info('g', 'TRYING')] }))
    await transactions.report(TENANT, received({ head: head('j', 2), activeTxList: [] }))
    expect(statusesOf(transactions)).toEqual({ g: 'TRYING' })
  })

  test('stuck is what is past its timeout or was tried ten times, as long as it did not end well', async () => {
    const { transactions, clock } = await start()
    const beginTime = clock.now()
    const stuck = () =>
      transactions.list(TENANT, { ...ALL, stuck: true }).transactions.map(({ globalTxId }) => globalTxId)
    const entries = [
      info('late', 'TRYING', { beginTime, timeoutMs: 100 }),
      info('patient', 'TRYING', { beginTime }),
      info('tried', 'CONFIRMING', { beginTime, retriedCount: 10 }),
      info('nine', 'CONFIRMING', { beginTime, retriedCount: 9 }),
    ]
    const finished = [info('well', 'CONFIRMED', { beginTime, retriedCount: 10, timeoutMs: 1 })]
    await transactions.report(
      TENANT,
      received({ head: head('i', beginTime), activeTxList: entries, finishedTxList: finished }),
    )
    clock.advance(100)
    expect(stuck()).toEqual(['tried'])
    clock.advance(1)
    expect(stuck()).toEqual(['tried', 'late'])
  })
})

describe('what is kept', () => {
  test('ended ones for the retention after their last change, those in flight for ever, over restarts', async () => {
    const { transactions, clock, restart } = await start()
    const timestamp = clock.now()
    const finishedTxList = [info('done', 'CONFIRMED'), info('failed', 'CANCEL_FAILED')]
    await transactions.report(
      TENANT,
      received({ head: head('i', timestamp), activeTxList: [info('open', 'TRYING')], finishedTxList }),
    )
    clock.advance(23 * HOUR_MS)
    await transactions.report(TENANT, received({ head: head('i', timestamp), txInfo: info('failed', 'CANCELLED') }))
    clock.advance(HOUR_MS + 60_000)
    expect(statusesOf(transactions)).toEqual({ open: 'TRYING', failed: 'CANCELLED' })
    expect(statusesOf(await restart())).toEqual({ open: 'TRYING', failed: 'CANCELLED' })
    clock.advance(1000 * HOUR_MS)
    expect(statusesOf(await restart())).toEqual({ open: 'TRYING' })
  })

  test('when there is no room, ended ones go first, then new ones are refused, and known ones come to their end', async () => {
    const { transactions, clock } = await start({ retentionHours: 24, maxBytes: 100_000 })
    const report = (members: Omit<TxReport, 'head'>) =>
      transactions.report(TENANT, received({ head: head('i', clock.now()), ...members }))
    for (let index = 0; index < 200; index++) await report({ finishedTxList: [info(`done${index}`, 'CONFIRMED')] })
    expect((await transactions.statistics(TENANT)).total).toBeLessThan(120)
    let count = 0
    const fill = async () => {
      for (; count < 200; count++) await report({ txInfo: info(`open${count}`, 'TRYING') })
    }
    await expect(fill()).rejects.toMatchObject({
      code: 'TransactionHeadInvalid',
      detail: 'activeTxList: no room, transactions in flight take the 100000 bytes of transactions.maxBytes',
    })
    expect(await transactions.statistics(TENANT)).toMatchObject({ total: count, inFlight: count })
    await report({ txInfo: info('open0', 'CONFIRMED', { errorMessage: 'x'.repeat(60_000) }) })
    expect(statusesOf(transactions)).toMatchObject({ open0: 'CONFIRMED' })
    clock.advance(1000)
    await report({ txInfo: info('new', 'TRYING') })
    expect(statusesOf(transactions)).toMatchObject({ new: 'TRYING' })
  })

  test('the journal stays short, and what is rewritten means the same after a restart', async () => {
    const bed = await start()
    const first = await fillUntilShortened(bed, [])
    // Half of it is gone, and no more than what is known was written anew.
    expect(first).toBeGreaterThan(100)
    expect(await bed.journal.scan('transactions', { direction: 'forward', limit: 1000 })).toHaveLength(
      PADDING_REPORTS + 1 - (first - 1) + 8 + 1,
    )
    expect(await stateOf(await bed.restart())).toEqual(await stateOf(bed.transactions))
  })

  test('what was reported before, while and after the journal is shortened is the same after a restart', () =>
    fc.assert(
      fc.asyncProperty(shuffled, async ({ again }) => {
        const bed = await start()
        const third = Math.ceil(again.length / 3)
        for (const report of again.slice(0, third)) await bed.transactions.report(TENANT, received(report))
        bed.clock.advance(1)
        await fillUntilShortened(bed, again.slice(third, 2 * third))
        for (const report of again.slice(2 * third)) await bed.transactions.report(TENANT, received(report))
        expect(await stateOf(await bed.restart())).toEqual(await stateOf(bed.transactions))
      }),
      { numRuns: 15 },
    ))
})

const PADDING_REPORTS = 320
const PADDING = 'x'.repeat(60_000)

/** Reports so much that the journal is shortened. @returns the first sequence that is left */
async function fillUntilShortened({ transactions, clock, journal }: Bed, late: readonly TxReport[]): Promise<number> {
  const report = async (round: number, ...entries: TxInfo[]) => {
    await transactions.report(TENANT, received({ head: head('padding', round), activeTxList: entries }))
    clock.advance(1)
  }
  for (let round = 1; round <= PADDING_REPORTS; round++) {
    const entry = info(`p${round % 7}`, 'TRYING', { errorMessage: PADDING, updateTime: round, retriedCount: round % 9 })
    await report(round, entry, info('always', 'TRYING'))
    if (round === 100) for (const one of late) await transactions.report(TENANT, received(one))
  }
  // Nothing of it is in the half that goes.
  await report(PADDING_REPORTS + 1, info('late', 'TRYING'), info('always', 'TRYING'))
  clock.advance(60_000)
  const first = async () => (await journal.scan('transactions', { direction: 'forward', limit: 1 }))[0]?.sequence ?? 0
  await expect.poll(first).toBeGreaterThan(100)
  return first()
}
