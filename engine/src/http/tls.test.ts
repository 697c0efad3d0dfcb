import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Server } from 'node:tls'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createAuthority, type KeyKind } from '../../../cli/src/certificates/issue.ts'
import { ManualClock } from '../kernel/manual-clock.ts'
import { Tls } from './tls.ts'

const DAY_MS = 86_400_000
const START = Date.UTC(2030, 0, 1)
const LIFE_DAYS = 30
const ENDS_SOON = 'a certificate ends soon or has ended'
const KEPT = 'new certificates cannot be used; those from before stay'

let folder: string
let clock: ManualClock
let logged: string[]
let contexts: object[]
let tls: Tls | undefined

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rollcall-tls-'))
  clock = new ManualClock(START)
  logged = []
  contexts = []
})

afterEach(() => {
  tls?.stop()
  rmSync(folder, { recursive: true, force: true })
})

const file = (name: string) => join(folder, name)

async function write(untilDays: number, keyKind: KeyKind = 'rsa'): Promise<void> {
  const validity = { from: new Date(START - DAY_MS), until: new Date(START + untilDays * DAY_MS) }
  const authority = await createAuthority({ name: 'test', keyKind, validity })
  const { cert, key } = await authority.issueServer({ name: 'test', keyKind, validity }, ['localhost'])
  writeFileSync(file('cert.pem'), cert)
  writeFileSync(file('key.pem'), key)
}

async function open(reloadSeconds = 10): Promise<Tls> {
  const note = (_: object, sentence: string) => void logged.push(sentence)
  const log = { error: note, warn: note, info: note }
  const files = { cert: file('cert.pem'), key: file('key.pem'), ca: '' }
  tls = await Tls.open({ ...files, client: 'off', minVersion: '1.2', reloadSeconds }, { clock, log })
  const server = { on() {}, setSecureContext: (context: object) => void contexts.push(context) }
  tls.attach(server as unknown as Server)
  return tls
}

test('from two weeks before its end on a certificate is spoken of, once a day', async () => {
  await write(LIFE_DAYS)
  await open(0)
  clock.advance((LIFE_DAYS - 14) * DAY_MS)
  expect(logged).toEqual([])
  clock.advance(5 * DAY_MS)
  expect(logged).toEqual(Array.from({ length: 5 }, () => ENDS_SOON))
})

test('a renewal is taken when both files are there; the half of one changes nothing and is told once', async () => {
  await write(LIFE_DAYS)
  const certificates = await open()
  const before = certificates.validUntil
  const oldKey = readFileSync(file('key.pem'))
  await write(2 * LIFE_DAYS)
  writeFileSync(file('key.pem'), oldKey)
  await expectToldOnce(certificates)
  await write(2 * LIFE_DAYS)
  clock.advance(10_000)
  await expect.poll(() => logged.at(-1)).toBe('certificates read')
  expect(contexts).toHaveLength(1)
  expect(certificates.validUntil.getTime() - before.getTime()).toBe(LIFE_DAYS * DAY_MS)
})

test('a file that is gone changes nothing, and is told once', async () => {
  await write(LIFE_DAYS)
  const certificates = await open()
  rmSync(file('key.pem'))
  await expectToldOnce(certificates)
  expect(contexts).toEqual([])
})

/** However often the files are looked at; asked for, it is told again. */
async function expectToldOnce(certificates: Tls): Promise<void> {
  clock.advance(60_000)
  await certificates.reload()
  expect(logged).toEqual([KEPT, KEPT])
}

test('asked to, it reads files that are the same, and says so', async () => {
  await write(LIFE_DAYS)
  const certificates = await open()
  await certificates.reload()
  expect(logged).toEqual(['certificates read'])
})

test('without an RSA certificate Java clients cannot watch, and the log says so', async () => {
  await write(LIFE_DAYS, 'ec')
  await open()
  expect(logged).toEqual(['Java clients cannot watch without an RSA certificate'])
})
