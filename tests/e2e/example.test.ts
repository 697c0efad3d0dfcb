import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const EXAMPLE = fileURLToPath(new URL('../../scripts/example.ts', import.meta.url))

/** Starts the example; the test runner keeps the machine busy, so it is granted more time. */
function start() {
  const args = [EXAMPLE, '--at-once-ms', '3000']
  const child = spawn(process.execPath, args, { env: { ...process.env, NO_COLOR: '1' } })
  const story = { child, output: '' }
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      story.output += chunk.toString()
    })
  }
  return story
}

test('all of the story happens', { timeout: 240_000 }, async () => {
  const story = start()
  const [code] = (await once(story.child, 'close')) as [number | null]
  expect(code, story.output).toBe(0)
  expect(story.output).toContain('All of it happened.')
  expect(story.output.match(/✔/g)?.length).toBeGreaterThanOrEqual(13)
  expect(story.output).not.toContain('✘')
})

test('interrupted in the middle, it leaves nothing behind', { timeout: 120_000 }, async () => {
  const story = start()
  const processes = () => [...story.output.matchAll(/process (\d+)/g)].map(([, pid]) => Number(pid))
  while (processes().length < 2) await once(story.child.stdout, 'data')
  story.child.kill('SIGTERM')
  const [code] = (await once(story.child, 'close')) as [number | null]
  const [, folder = ''] = /data in (\S+)/.exec(story.output) ?? []
  expect(code).toBe(143)
  expect(existsSync(folder)).toBe(false)
  for (const pid of processes()) expect(() => process.kill(pid, 0)).toThrow('ESRCH')
})
