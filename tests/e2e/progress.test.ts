import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { EngineProcess } from '../conformance/wire/engine-process.ts'
import type { TestBed } from './client-fixture.ts'
import { startTestBed } from './client-fixture.ts'
import { MAIN, startCommand } from './command.ts'
import { openDoor } from './door.ts'

/*
 * What somebody sees who waits at a terminal. `script` gives the command a real one; results go to a file, so that what
 * is left on the terminal is what the command says besides.
 */

const SERVICES = 3
const BAR = /Exporting \[[#.]+\] \d+% \| \d of 3 services \| \S+ left/
const CURSOR = { hide: '\u001b[?25l', show: '\u001b[?25h' }
const CLEAR_LINE = '\u001b[2K'
const COLOUR = /\[[\d;]+m/

let bed: TestBed
let folder: string

beforeAll(async () => {
  bed = await startTestBed()
  for (let index = 0; index < SERVICES; index++) {
    await bed.client.services.create({ appId: 'shop', serviceName: `service-${index}`, version: '1.0.0' })
  }
})
afterAll(() => bed.engine.close())
beforeEach((context) => {
  if (spawnSync('script', ['--version']).status !== 0) context.skip('script, which makes a terminal, is not installed')
  folder = mkdtempSync(join(tmpdir(), 'rollcall-progress-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const at = (name: string) => join(folder, name)
const results = () => readFileSync(at('results'), 'utf8')

/** Starts the command at a terminal. Whoever types there writes to `keys`. */
function startAtTerminal(args: readonly string[], env: NodeJS.ProcessEnv = {}) {
  const line = [process.execPath, MAIN, ...args].map((word) => `'${word}'`).join(' ')
  const typed = ['-q', '-e', '-c', `exec ${line} > '${at('results')}'`, '/dev/null']
  const child = spawn('script', typed, {
    env: { ...process.env, TERM: 'xterm', SHELL: '/bin/sh', ...env },
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  let seen = ''
  child.stdout.on('data', (chunk: Buffer) => {
    seen += chunk.toString()
  })
  const ended = once(child, 'close').then(([code]) => ({ code: code as number | null, seen }))
  return { keys: child.stdin, ended, seen: () => seen }
}

const exportTo = (name: string, ...args: string[]) => ['export', at(name), '--url', bed.engine.url, ...args]

test('at a terminal long work shows how far it is, and leaves the terminal as it was', async () => {
  const { code, seen } = await startAtTerminal(exportTo('all.nd')).ended
  expect({ code, results: results() }).toMatchObject({
    code: 0,
    results: expect.stringMatching(/^Exported 3 services/),
  })
  expect(seen).toMatch(BAR)
  expect(seen).toContain('3 of 3 services')
  expect(seen.lastIndexOf(CURSOR.show)).toBeGreaterThan(seen.lastIndexOf(CURSOR.hide))
  expect(seen.indexOf(CURSOR.hide)).toBeGreaterThanOrEqual(0)
  expect(lastLine(seen)).toBe('')
})

test.each([
  ['import', 'Importing'],
  ['import --dry-run', 'Importing'],
])('%s shows a bar too', async (command, label) => {
  await startCommand(exportTo('all.nd')).ended
  const [name = '', ...flags] = command.split(' ')
  const { seen } = await startAtTerminal([name, at('all.nd'), '--url', bed.engine.url, ...flags]).ended
  expect(seen).toContain(`${label} [`)
  expect(lastLine(seen)).toBe('')
})

test('backup and restore show bars too', async () => {
  const engine = await EngineProcess.start(['--store.path', at('store')])
  try {
    const backup = await startAtTerminal(['backup', at('copy'), '--url', engine.url.origin]).ended
    expect(backup).toMatchObject({ code: 0, seen: expect.stringContaining('Backing up [') })
  } finally {
    await engine.crash()
  }
  const restore = await startAtTerminal(['restore', at('copy'), at('again')]).ended
  expect(restore).toMatchObject({ code: 0, seen: expect.stringContaining('Restoring [') })
})

test.each([
  ['with --json', ['--json'], {}],
  ['in a terminal that cannot move its cursor', [], { TERM: 'dumb' }],
])('no bar %s', async (_, flags, env) => {
  const { code, seen } = await startAtTerminal(exportTo('all.nd', ...flags), env).ended
  expect({ code, seen }).toEqual({ code: 0, seen: '' })
  expect(results()).toContain('xported')
})

test('no bar in a pipe', async () => {
  expect(await startCommand(exportTo('all.nd'), { NO_COLOR: undefined }).ended).toMatchObject({ code: 0, err: '' })
})

test('NO_COLOR keeps the bar and leaves no colour in it', async () => {
  const { seen } = await startAtTerminal(exportTo('all.nd'), { NO_COLOR: '1' }).ended
  expect(seen).toMatch(BAR)
  expect(seen).not.toMatch(COLOUR)
})

test('Ctrl-C ends the work at once, shows the cursor again and leaves what an export needs to go on', async () => {
  const asked = Promise.withResolvers<void>()
  await using door = await openDoor(bed.engine.url, (url) => {
    const isOfOne = /\/microservices\/\w+/.test(url)
    if (isOfOne) asked.resolve()
    return isOfOne
  })
  const work = startAtTerminal(['export', at('all.nd'), '--url', door.url])
  await expect.poll(work.seen).toMatch(BAR)
  await asked.promise
  work.keys.write('\u0003')
  const { code, seen } = await work.ended
  expect(code).toBe(128 + 2)
  expect(seen.lastIndexOf(CURSOR.show)).toBeGreaterThan(seen.lastIndexOf(CURSOR.hide))
  expect({ whole: existsSync(at('all.nd')), begun: existsSync(at('all.nd.part')) }).toEqual({
    whole: false,
    begun: true,
  })
})

/** What is left on the line where the cursor is, as a terminal would show it. */
function lastLine(seen: string): string {
  const afterCleared = seen.split(CLEAR_LINE).at(-1) ?? ''
  return stripVTControlCharacters(afterCleared)
}
