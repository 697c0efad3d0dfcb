import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, test } from 'vitest'

/*
 * The command that people type, with everything that npm puts around the engine: the signals of a terminal go to all
 * processes of the group, and npm hands on those that it gets itself.
 */

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const TIMEOUT_MS = 60_000

let folder: string
let npm: ChildProcess
let text: string

beforeEach(async (context) => {
  if (process.platform === 'win32') context.skip('no process groups')
  folder = mkdtempSync(join(tmpdir(), 'rollcall-npm-'))
  text = ''
  const args = ['start', '--', '--server.port', '0', '--store.path', join(folder, 'data')]
  npm = spawn('npm', args, { cwd: ROOT, detached: true, stdio: ['ignore', 'pipe', 'pipe'] })
  const keep = (chunk: Buffer) => {
    text += chunk.toString()
  }
  for (const stream of [npm.stdout, npm.stderr]) stream?.on('data', keep)
  await expect.poll(() => text, { timeout: TIMEOUT_MS }).toContain('Ctrl-C stops it.')
}, TIMEOUT_MS)

afterEach(() => {
  if (isGroupRunning()) process.kill(group(), 'SIGKILL')
  rmSync(folder, { recursive: true, force: true })
})

/** What stands for the whole group where a process id is asked for. */
function group(): number {
  return -(npm.pid ?? Number.NaN)
}

function isGroupRunning(): boolean {
  try {
    return process.kill(group(), 0)
  } catch {
    return false
  }
}

test.each([
  ['Ctrl-C', 'SIGINT', group],
  ['SIGTERM to the group', 'SIGTERM', group],
  ['SIGTERM to npm alone', 'SIGTERM', () => -group()],
] as const)('%s ends it in order, with 0', { timeout: TIMEOUT_MS }, async (_, signal, whom) => {
  const closed = once(npm, 'close')
  process.kill(whom(), signal)
  expect(await closed, text).toEqual([0, null])
  expect(text).toMatch(/Stopped\.\n$/)
  await expect.poll(isGroupRunning).toBe(false)
})

test('nothing is left running when its process group is killed', { timeout: TIMEOUT_MS }, async () => {
  const address = /API +(http:\S+)/.exec(text)?.[1] ?? ''
  expect((await fetch(`${address}/version`)).status).toBe(200)
  process.kill(group(), 'SIGKILL')
  // Its last process has closed what it printed on.
  await once(npm, 'close')
  await expect(fetch(`${address}/version`)).rejects.toThrow()
})
