import fc from 'fast-check'
import { beforeEach, describe, expect, test } from 'vitest'
import { AUDIT_SEARCH_STEPS_MAX } from '../../kernel/limits.ts'
import { ManualClock } from '../../kernel/manual-clock.ts'
import { MemoryJournal } from '../../storage/memory/memory-journal.ts'
import { StoreUnavailableError } from '../../storage/store.ts'
import type { AuditRecord, AuditSearch } from './index.ts'
import { AuditTrail, auditCursor } from './index.ts'
import type { Registered } from './recovery.ts'
import { EVERYTHING } from './search.ts'

const DAY_MS = 86_400_000
const START = new ManualClock().now()
const ABOUT: AuditRecord = {
  account: 'ann',
  address: '10.0.0.1',
  agent: '',
  action: 'service.delete',
  tenant: 'default/default',
  resource: 's',
  result: 'ok',
}

let clock: ManualClock
let journal: MemoryJournal
let errors: string[]

beforeEach(() => {
  clock = new ManualClock()
  journal = new MemoryJournal({ clock })
  errors = []
})

async function open(
  limits = { retentionDays: 30, maxMegabytes: 1 },
  registered: readonly Registered[] = [],
): Promise<AuditTrail> {
  const log = { error: (_: object, text: string) => void errors.push(text), warn() {}, info() {} }
  const trail = new AuditTrail({ journal, clock, log, limits })
  await trail.start(registered)
  return trail
}

/** Resources of what is found, page by page. */
async function find(trail: AuditTrail, asked: Partial<AuditSearch> = {}): Promise<string[]> {
  const found: string[] = []
  let after: AuditSearch['after']
  for (;;) {
    const { entries, nextCursor } = await trail.search({ ...EVERYTHING, ...asked, after })
    found.push(...entries.map(({ resource }) => resource))
    if (nextCursor === undefined) return found
    after = auditCursor(nextCursor)
  }
}

/** Lets chores run that were started by a timer. */
async function tidy(trail: AuditTrail): Promise<void> {
  for (let turn = 0; turn < 50; turn++) await Promise.resolve()
  clock.advance(60_000)
  await trail.stop()
}

test('what was added is found, the latest first, by another engine on the journal too', async () => {
  const trail = await open()
  await trail.add({ ...ABOUT, resource: 'one', before: '{"a":1}' })
  clock.advance(5)
  void trail.addSoon({ ...ABOUT, resource: 'two', result: '403205', detail: 'why' })
  clock.advance(5)
  await trail.add({ ...ABOUT, resource: 'three' })
  expect(await find(trail)).toEqual(['three', 'two', 'one'])
  await trail.stop()
  const { entries } = await (await open()).search(EVERYTHING)
  expect(entries.map(({ id }) => id)).toEqual(['c2.0', 'r1.0', 'c1.0'])
  expect(entries[1]).toMatchObject({ result: '403205', detail: 'why', time: new Date(START + 5).toISOString() })
  expect(entries[2]).toMatchObject({ account: 'ann', before: { a: 1 } })
})

test('what nobody waits for is written after half a second, and before whatever is waited for', async () => {
  const trail = await open()
  void trail.addSoon(ABOUT)
  expect(await journal.scan('audit', { direction: 'forward', limit: 9 })).toEqual([])
  clock.advance(500)
  await trail.add({ ...ABOUT, result: '401002' })
  expect(await journal.scan('audit', { direction: 'forward', limit: 9 })).toHaveLength(1)
  void trail.addSoon({ ...ABOUT, resource: 'two' })
  await trail.add({ ...ABOUT, resource: 'three' })
  expect(await find(trail, { result: 'ok' })).toEqual(['three', 'two', 's'])
})

test('entries of one turn are one write', async () => {
  const trail = await open()
  await Promise.all(Array.from({ length: 50 }, (_, index) => trail.add({ ...ABOUT, resource: String(index) })))
  expect(await journal.scan('audit', { direction: 'forward', limit: 99 })).toHaveLength(1)
  expect(await find(trail)).toHaveLength(50)
})

test.each<[Partial<AuditSearch>, string[]]>([
  [{ account: 'bob' }, ['b']],
  [{ address: '10.0.0.2' }, ['b']],
  [{ action: 'account' }, ['b']],
  [{ action: 'acc' }, []],
  [{ action: 'service.delete' }, ['c/i', 'a,z']],
  [{ resource: 'z' }, ['a,z']],
  [{ resource: 'i' }, ['c/i']],
  [{ result: 'refused' }, ['b']],
  [{ result: '400012' }, ['b']],
  [{ result: 'ok' }, ['c/i', 'a,z']],
  [{ tenant: 'other/default' }, ['c/i']],
  [{ text: 'NEEDLE' }, ['a,z']],
  [{ since: START + 10 }, ['c/i', 'b']],
  [{ until: START + 20 }, ['b', 'a,z']],
  [{ since: START + 10, until: START + 20 }, ['b']],
  [{ limit: 1 }, ['c/i', 'b', 'a,z']],
])('%j finds %j', async (asked, expected) => {
  const trail = await open()
  await trail.add({ ...ABOUT, resource: 'a,z', after: '{"k":"a needle"}' })
  clock.advance(10)
  await trail.add({
    ...ABOUT,
    account: 'bob',
    address: '10.0.0.2',
    action: 'account.create',
    resource: 'b',
    result: '400012',
  })
  clock.advance(10)
  await trail.add({ ...ABOUT, resource: 'c/i', tenant: 'other/default' })
  expect(await find(trail, asked)).toEqual(expected)
})

test('pages of any length show every entry once, also while more are added', async () => {
  const step = fc.record({ isRefused: fc.boolean(), isSoon: fc.boolean(), ms: fc.nat(3) })
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), fc.integer({ min: 1, max: 7 }), async (steps, limit) => {
      journal = new MemoryJournal({ clock })
      const trail = await open()
      const written = new Set<string>()
      for (const [index, { isRefused, isSoon, ms }] of steps.entries()) {
        const record = { ...ABOUT, resource: `e${index}`, result: isRefused ? '401002' : 'ok' }
        if (isSoon) void trail.addSoon(record)
        else await trail.add(record)
        written.add(record.resource)
        clock.advance(ms)
      }
      const found: string[] = []
      let after: AuditSearch['after']
      do {
        const page = await trail.search({ ...EVERYTHING, limit, after })
        found.push(...page.entries.map(({ resource }) => resource))
        after = page.nextCursor === undefined ? undefined : auditCursor(page.nextCursor)
        clock.advance(1)
        await trail.add({ ...ABOUT, resource: 'later' })
      } while (after !== undefined)
      expect(found).toHaveLength(written.size)
      expect(new Set(found)).toEqual(written)
    }),
    { numRuns: 40 },
  )
})

test('a search that finds nothing for long stops, and goes on from there', async () => {
  const trail = await open({ retentionDays: 30, maxMegabytes: 64 })
  for (let index = 0; index <= AUDIT_SEARCH_STEPS_MAX; index++)
    void trail.addSoon({ ...ABOUT, account: index === 0 ? 'bob' : 'ann' })
  const { entries, nextCursor = '' } = await trail.search({ ...EVERYTHING, account: 'bob' })
  expect(entries).toEqual([])
  const { entries: rest } = await trail.search({ ...EVERYTHING, account: 'bob', after: auditCursor(nextCursor) })
  expect(rest).toHaveLength(1)
})

test.each(['x', Buffer.from('1.1').toString('base64url'), Buffer.from('end 1.a').toString('base64url')])(
  'the cursor %j is refused',
  (cursor) => {
    expect(() => auditCursor(cursor)).toThrow('InvalidParameters: cursor: not one that a search gave')
  },
)

describe('retention', () => {
  test('what is too old goes, and nothing else', async () => {
    const trail = await open()
    await trail.add({ ...ABOUT, resource: 'old' })
    await trail.add({ ...ABOUT, resource: 'old', result: '401002' })
    clock.advance(29 * DAY_MS)
    await trail.add({ ...ABOUT, resource: 'new' })
    clock.advance(DAY_MS)
    await tidy(trail)
    expect(await find(trail)).toEqual(['new'])
  })

  test('of too many the oldest go, also after a restart', async () => {
    const after = JSON.stringify({ text: 'x'.repeat(16_000) })
    const first = await open()
    for (let index = 0; index < 60; index++) {
      clock.advance(1)
      await first.add({ ...ABOUT, resource: String(index), after })
    }
    await first.stop()
    const trail = await open()
    for (let index = 60; index < 120; index++) {
      clock.advance(1)
      await trail.add({ ...ABOUT, resource: String(index), after })
    }
    await tidy(trail)
    const kept = await find(trail)
    expect(kept.length).toBeGreaterThan(55)
    expect(kept.length).toBeLessThan(70)
    expect(kept).toEqual(Array.from({ length: kept.length }, (_, index) => String(119 - index)))
  })

  test('a flood of refusals does not wash out what was changed', async () => {
    const trail = await open()
    await trail.add({ ...ABOUT, resource: 'change' })
    const detail = 'x'.repeat(1000)
    for (let index = 0; index < 3000; index++) {
      clock.advance(1)
      void trail.addSoon({ ...ABOUT, resource: 'refusal', result: '401002', detail })
    }
    await tidy(trail)
    const kept = await find(trail)
    expect(kept.at(-1)).toBe('change')
    expect(kept.length).toBeLessThan(600)
  })
})

test('a disk that refuses holds up nobody; the gap is told, and is an entry', async () => {
  const trail = await open()
  const append = journal.append.bind(journal)
  journal.append = () => Promise.reject(new StoreUnavailableError('disk full'))
  await trail.add(ABOUT)
  await trail.add(ABOUT)
  expect(errors).toEqual(Array(2).fill('entries of the audit log could not be written'))
  journal.append = append
  await tidy(trail)
  const { entries } = await trail.search(EVERYTHING)
  expect(entries).toMatchObject([{ action: 'audit.lose', result: 'lost', detail: '2 entries could not be written' }])
})

test('when too much waits for the disk, changes wait, and refusals are only counted', async () => {
  const trail = await open()
  const { promise, resolve } = Promise.withResolvers<void>()
  const append = journal.append.bind(journal)
  journal.append = async (...args) => promise.then(() => append(...args))
  const detail = 'x'.repeat(1000)
  const refusal = { ...ABOUT, result: '401002', detail }
  for (let index = 0; index < 20_000; index++) expect(trail.addSoon(refusal)).toBeUndefined()
  const after = JSON.stringify({ text: 'x'.repeat(16_000) })
  let waiting: Promise<void> | undefined
  for (let index = 0; index < 1000 && waiting === undefined; index++) waiting = trail.addSoon({ ...ABOUT, after })
  expect(waiting).toBeInstanceOf(Promise)
  resolve()
  await waiting
  clock.advance(60_000)
  const { entries } = await trail.search({ ...EVERYTHING, result: 'lost' })
  expect(entries).toMatchObject([{ detail: expect.stringMatching(/^1\d{4} entries could not be written$/) }])
})

describe('a start', () => {
  const limits = { retentionDays: 30, maxMegabytes: 1 }
  const instance = (instanceId: string, seconds: number): Registered => ({
    tenant: 'default/default',
    serviceId: 's',
    instanceId,
    text: JSON.stringify({ properties: { timestamp: '1' }, timestamp: String(Math.floor(START / 1000) + seconds) }),
  })

  test('finds registrations whose entries a crash has taken', async () => {
    const trail = await open()
    clock.advance(60_000)
    await trail.add({ ...ABOUT, action: 'instance.register', resource: 's/told' })
    const registered = [instance('before', 10), instance('told', 60), instance('just-before', 59), instance('lost', 61)]
    const found = (await (await open(limits, registered)).search(EVERYTHING)).entries
    expect(found.map(({ resource }) => resource)).toEqual(['s/lost', 's/just-before', 's/told'])
    expect(found[0]).toMatchObject({
      account: '',
      action: 'instance.register',
      after: { properties: { timestamp: '1' } },
    })
    const again = await open(limits, registered)
    expect(await find(again)).toHaveLength(3)
  })

  test('looks for nothing that was there when the engine stopped in order', async () => {
    const trail = await open()
    clock.advance(60_000)
    await trail.add({ ...ABOUT, resource: 'last' })
    await trail.stop()
    const registered = [instance('just-before', 59), instance('after', 61)]
    expect(await find(await open(limits, registered))).toEqual(['s/after', 'last'])
  })

  test('takes nothing for lost that came with its service, or before there was a log', async () => {
    expect(await find(await open(limits, [instance('old', 0)]))).toEqual([])
    const trail = await open()
    await trail.add({ ...ABOUT, action: 'service.create', resource: 's', after: '{"instances":["with-service"]}' })
    await trail.stop()
    const registered = [instance('with-service', 0), instance('later', 0)]
    expect(await find(await open(limits, registered))).toEqual(['s/later', 's'])
  })
})
