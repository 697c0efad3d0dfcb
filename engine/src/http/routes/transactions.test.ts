import { beforeEach, describe, expect, test } from 'vitest'
import { useEngine } from '../../test-engine.ts'

const { call, clock } = useEngine({ perTest: true })

const UPLOAD = '/v2/default/csemonitor/transaction'
const READ = '/v3/default/csemonitor/transactions'
const HEAD = { appId: 'shop', serviceName: 'order', version: '1.0.0', instanceId: 'i1', hostName: 'host-1' }

const tx = (globalTxId: string, members: object = {}) => ({
  globalTxId,
  role: 'ROOT',
  model: 'TCC',
  name: `buy ${globalTxId}`,
  status: 'TRYING',
  beginTime: clock.now(),
  updateTime: clock.now(),
  ...members,
})
const report = (members: object) => ({ head: { ...HEAD, timestamp: clock.now() }, ...members })
const upload = (members: object) => call('POST', UPLOAD, report(members))
const idsOf = async (search: string) => {
  const { json } = await call('GET', `${READ}${search}`)
  return json.transactions.map(({ globalTxId }: { globalTxId: string }) => globalTxId)
}

describe('an upload', () => {
  test.each([UPLOAD, '/csemonitor/v1/transaction'])('to %s is taken and read again', async (path) => {
    expect(await call('POST', path, report({ activeTxList: [tx('g1')] }))).toEqual({ status: 200, json: undefined })
    expect((await call('GET', READ)).json).toEqual({
      transactions: [
        {
          ...HEAD,
          globalTxId: 'g1',
          name: 'buy g1',
          model: 'TCC',
          status: 'TRYING',
          inFlight: true,
          stuck: false,
          beginTime: clock.now(),
          updateTime: clock.now(),
          durationMs: 0,
          timeoutMs: 0,
          retriedCount: 0,
          branchCount: 1,
          errorMessage: '',
        },
      ],
    })
  })

  test('is seen by its own project only', async () => {
    await upload({ txInfo: tx('g1') })
    expect((await call('GET', '/v3/other/csemonitor/transactions')).json).toEqual({ transactions: [] })
    expect((await call('GET', '/v3/other/csemonitor/transactions/g1')).status).toBe(404)
  })

  test('may be one transaction, lists, both, or nothing but a head', async () => {
    expect((await upload({})).status).toBe(200)
    expect((await upload({ activeTxList: null, finishedTxList: [], txInfo: null })).status).toBe(200)
    await upload({ activeTxList: [tx('a')], finishedTxList: [tx('b', { status: 'CONFIRMED' })], txInfo: tx('c') })
    expect(await idsOf('')).toEqual(['c', 'b', 'a'])
  })

  test('may carry 1000 active entries, members that nobody knows, and entries of exactly 64 KiB', async () => {
    const entry = tx('big', { unknown: 1, errorMessage: '' })
    const room = 65_536 - JSON.stringify(entry).length
    const many = Array.from({ length: 999 }, (_, index) => tx(`g${index}`))
    const full = { ...entry, errorMessage: 'x'.repeat(room) }
    expect(JSON.stringify(full)).toHaveLength(65_536)
    expect((await upload({ activeTxList: [...many, full] })).status).toBe(200)
    expect((await call('GET', `${READ}/statistics`)).json.total).toBe(1000)
  })
})

describe('a refused upload stores nothing and says', () => {
  const HEAD_TEXT = 'Upload head is null or active tx list exceeds the max size'
  const INFO_TEXT = 'The TxInfo is null or too large'
  const refusal = (text: string, detail: string) => ({
    status: 400,
    json: { error_code: 'SVCSTG.CSE.4001011', error_message: text, detail },
  })
  const good = { globalTxId: 'g', status: 'TRYING' }
  const head = { appId: 'a', serviceName: 's' }
  const STATUSES = 'TRYING, CONFIRMING, CANCELLING, TIMED_OUT, CONFIRM_FAILED, CANCEL_FAILED, CANCELLED, CONFIRMED'

  test.each([
    [{}, 'head: missing'],
    [[], 'body: not an object'],
    [{ head: null, txInfo: good }, 'head: missing'],
    [{ head: 'me', txInfo: good }, 'head: not an object'],
    [{ head: { serviceName: 's' }, txInfo: good }, 'head.appId: missing'],
    [{ head: { appId: 'a', serviceName: '' }, txInfo: good }, 'head.serviceName: empty'],
    [
      { head: { ...head, timestamp: 'now' }, txInfo: good },
      'head.timestamp: not a whole number from 0 to 9007199254740991',
    ],
    [{ head: { ...head, version: 'v'.repeat(257) } }, 'head.version: longer than 256 characters'],
    [{ head, txInfo: good, activeTxList: {} }, 'activeTxList: not a list'],
    [{ head, activeTxList: Array(1001).fill(good) }, 'activeTxList: 1001 entries, more than 1000'],
    [{ head, finishedTxList: Array(1001).fill(good) }, 'finishedTxList: 1001 entries, more than 1000'],
  ])('%# that the head or the list is wrong: %j', async (body, detail) => {
    expect(await call('POST', UPLOAD, body)).toEqual(refusal(HEAD_TEXT, detail))
    expect(await idsOf('')).toEqual([])
  })

  test.each([
    [{ activeTxList: [good, null] }, 'activeTxList[1]: null'],
    [{ activeTxList: [good, 'tx'] }, 'activeTxList[1]: not an object'],
    [{ activeTxList: [good, { status: 'TRYING' }] }, 'activeTxList[1].globalTxId: missing'],
    [{ activeTxList: [good, { ...good, globalTxId: ' ' }] }, 'activeTxList[1].globalTxId: empty'],
    [{ activeTxList: [good], finishedTxList: [{ globalTxId: 'h' }] }, 'finishedTxList[0].status: missing'],
    [{ activeTxList: [good], txInfo: { globalTxId: 'h' } }, 'txInfo.status: missing'],
    [{ txInfo: { ...good, status: 'DONE' } }, `txInfo.status: not one of ${STATUSES}`],
    [{ txInfo: { ...good, model: 'XA' } }, 'txInfo.model: not one of TCC, SAGA'],
    [{ txInfo: { ...good, role: 7 } }, 'txInfo.role: not one of ROOT, BRANCH'],
    [{ txInfo: { ...good, name: {} } }, 'txInfo.name: not a text'],
    [{ txInfo: { ...good, beginTime: -1 } }, 'txInfo.beginTime: not a whole number from 0 to 9007199254740991'],
    [{ txInfo: { ...good, participants: {} } }, 'txInfo.participants: not a list'],
    [{ txInfo: { ...good, participants: [null] } }, 'txInfo.participants[0]: not an object'],
    [{ txInfo: { ...good, unknown: 'x'.repeat(65_536) } }, 'txInfo: larger than 65536 bytes'],
    [
      { activeTxList: [good, { ...good, errorMessage: 'ü'.repeat(33_000) }] },
      'activeTxList[1]: larger than 65536 bytes',
    ],
  ])('%# that an entry is wrong', async (members, detail) => {
    expect(await call('POST', UPLOAD, { head, ...members })).toEqual(refusal(INFO_TEXT, detail))
    expect(await idsOf('')).toEqual([])
  })

  test('that a transaction would have too many branches', async () => {
    const branch = (index: number) => ({ ...good, branchTxId: `b${index}` })
    const many = Array.from({ length: 1000 }, (_, index) => branch(index))
    expect((await call('POST', UPLOAD, { head, activeTxList: many })).status).toBe(200)
    const detail = 'branches of g: more than 1000'
    expect(await call('POST', UPLOAD, { head, txInfo: branch(1000) })).toEqual(refusal(INFO_TEXT, detail))
  })

  test('that it is too long', async () => {
    const body = JSON.stringify({ head, txInfo: good })
    const refused = await call('POST', UPLOAD, body.padEnd(4_194_305))
    expect(refused).toEqual(refusal(HEAD_TEXT, 'body: longer than 4194304 bytes'))
    expect((await call('POST', UPLOAD, body.padEnd(4_194_304))).status).toBe(200)
  })

  test.each([
    ['', 'No content to map due to end-of-input', 1, 0],
    ['{"head":', 'Unexpected end-of-input', 1, 8],
    ['{\n  "head": me\n}', "Unexpected character ('m')", 2, 11],
  ])('where it stops being JSON: %j', async (text, ...[reason, line, column]) => {
    const detail = `${reason}\n at [Source: request body; line: ${line}, column: ${column}]`
    const json = { error_code: 'SVCSTG.CSE.500500', error_message: `Failed to decode: ${detail}`, detail }
    expect(await call('POST', UPLOAD, text)).toEqual({ status: 500, json })
  })
})

describe('a search', () => {
  beforeEach(async () => {
    await upload({ activeTxList: [tx('a', { timeoutMs: 1000 })], finishedTxList: [tx('b', { status: 'CONFIRMED' })] })
    clock.advance(500)
    await upload({ txInfo: tx('c', { model: 'SAGA', status: 'CANCEL_FAILED', retriedCount: 10 }) })
    clock.advance(600)
    const head = { ...HEAD, appId: 'bank', serviceName: 'account', instanceId: 'i2', timestamp: clock.now() }
    await call('POST', UPLOAD, { head, activeTxList: [tx('d'), tx('a', { role: 'BRANCH', branchTxId: 'a-1' })] })
  })

  test.each([
    ['', ['d', 'c', 'b', 'a']],
    ['?status=TRYING', ['d', 'a']],
    ['?status=CONFIRMED,CANCEL_FAILED', ['c', 'b']],
    ['?model=SAGA', ['c']],
    ['?service=account', ['d', 'a']],
    ['?app=bank', ['d', 'a']],
    ['?app=shop&service=account', []],
    ['?stuck=true', ['c', 'a']],
    ['?stuck=false', ['d', 'b']],
    ['?name=BUY%20C', ['c']],
    ['?from=START', ['d', 'c', 'b', 'a']],
    ['?from=MIDDLE', ['d', 'c']],
    ['?to=MIDDLE', ['b', 'a']],
    ['?from=MIDDLE&to=END', ['c']],
    ['?limit=2', ['d', 'c']],
  ])('with %s finds %j', async (search, ids) => {
    const end = clock.now()
    const filled = search
      .replace('START', `${end - 1100}`)
      .replace('MIDDLE', `${end - 600}`)
      .replace('END', `${end}`)
    expect(await idsOf(filled)).toEqual(ids)
  })

  test('goes through all of them page by page, while new ones come', async () => {
    const seen: string[] = []
    let cursor = ''
    do {
      const { json } = await call('GET', `${READ}?limit=1${cursor && `&cursor=${cursor}`}`)
      seen.push(...json.transactions.map(({ globalTxId }: { globalTxId: string }) => globalTxId))
      cursor = json.nextCursor ?? ''
      clock.advance(1)
      await upload({ txInfo: tx(`new ${seen.length}`) })
    } while (cursor !== '')
    expect(seen).toEqual(['d', 'c', 'b', 'a'])
  })

  test.each([
    ['status=DONE', /^status: DONE is not one of TRYING/],
    ['model=XA', /^model: must be TCC or SAGA$/],
    ['stuck=maybe', /^stuck: must be true or false$/],
    ['from=yesterday', /^from: must be a whole number from 0/],
    ['limit=0', /^limit: must be a whole number from 1 to 1000$/],
    ['limit=1001', /^limit: must be a whole number from 1 to 1000$/],
    ['cursor=!', /^cursor: not one that a search gave$/],
  ])('with %s is refused', async (search, detail) => {
    const { status, json } = await call('GET', `${READ}?${search}`)
    expect(status).toBe(400)
    const text = 'Invalid parameter(s)'
    expect(json).toEqual({ error_code: '400001', error_message: text, error_msg: text, detail: expect.any(String) })
    expect(json.detail).toMatch(detail)
  })
})

test('a transaction is shown as a tree, with what happened in order', async () => {
  const begin = clock.now()
  const participants = [
    { branchTxId: 'b1', serviceName: 'stock', tryMethod: 'reserve', confirmMethod: 'take', cancelMethod: 'release' },
    { branchTxId: 'b2', serviceName: 'mail', confirmMethod: 'send', status: 'TRYING' },
  ]
  await upload({ activeTxList: [tx('g', { participants })] })
  clock.advance(10)
  const stock = { ...HEAD, serviceName: 'stock', instanceId: 'i2', timestamp: clock.now() }
  const branch = { branchTxId: 'b1', parentTxId: 'g', role: 'BRANCH', name: 'reserve' }
  await call('POST', UPLOAD, { head: stock, activeTxList: [tx('g', branch)] })
  clock.advance(10)
  await upload({ finishedTxList: [tx('g', { status: 'CONFIRM_FAILED', errorMessage: 'no answer', beginTime: begin })] })
  const { json } = await call('GET', `${READ}/g`)
  expect(json).toMatchObject({ status: 'CONFIRM_FAILED', inFlight: false, durationMs: 20, branchCount: 2 })
  expect(json.errorMessage).toBe('no answer')
  expect(json.tree).toMatchObject([
    {
      branchTxId: '',
      serviceName: 'order',
      status: 'CONFIRM_FAILED',
      children: [
        {
          branchTxId: 'b1',
          serviceName: 'stock',
          status: 'TRYING',
          reported: true,
          confirmMethod: 'take',
          children: [],
        },
        { branchTxId: 'b2', serviceName: 'mail', status: 'TRYING', reported: false, confirmMethod: 'send' },
      ],
    },
  ])
  expect(json.timeline).toEqual([
    { time: begin, branchTxId: '', status: 'TRYING', serviceName: 'order' },
    { time: begin + 10, branchTxId: 'b1', status: 'TRYING', serviceName: 'stock' },
    { time: begin + 20, branchTxId: '', status: 'CONFIRM_FAILED', serviceName: 'order' },
  ])
})

test('an unknown transaction is 404', async () => {
  const text = 'Transaction does not exist'
  expect(await call('GET', `${READ}/nobody`)).toEqual({
    status: 404,
    json: {
      error_code: 'SVCSTG.CSE.4041011',
      error_message: text,
      error_msg: text,
      detail: 'globalTxId: no transaction nobody is known',
    },
  })
})

test('statistics count by status, model and service', async () => {
  await upload({
    activeTxList: [tx('a'), tx('b', { status: 'CONFIRMING', retriedCount: 10 }), tx('c', { model: 'SAGA' })],
    finishedTxList: [tx('d', { status: 'CONFIRMED', beginTime: clock.now() - 300 }), tx('e', { status: 'CANCELLED' })],
  })
  await upload({ activeTxList: [tx('a'), tx('b', { status: 'CONFIRMING', retriedCount: 10 })] })
  clock.advance(1)
  await upload({ activeTxList: [tx('a'), tx('b', { status: 'CONFIRMING', retriedCount: 10 })] })
  const { json } = await call('GET', `${READ}/statistics`)
  expect(json).toMatchObject({ total: 5, inFlight: 2, stuck: 1, failed: 1, byModel: { TCC: 4, SAGA: 1 } })
  expect(json.byStatus).toMatchObject({ TRYING: 1, CONFIRMING: 1, CONFIRMED: 1, CANCELLED: 1, LOST: 1, TIMED_OUT: 0 })
  expect(json.byService).toEqual([{ appId: 'shop', serviceName: 'order', total: 5, inFlight: 2, stuck: 1, failed: 1 }])
  expect(json.averageDurationMs).toBe(100)
})
