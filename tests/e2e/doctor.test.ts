import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { EngineProcess } from '../conformance/wire/engine-process.ts'
import { startCommand } from './command.ts'

interface Report {
  readonly isHealthy: boolean
  readonly findings: readonly { check: string; level: string; message: string; remedy?: string }[]
}

const TIMEOUT_MS = 60_000
let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'rollcall-doctor-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

async function examine(...args: string[]) {
  const { code, out, err } = await startCommand(['doctor', '--json', ...args]).ended
  expect(err).toBe('')
  const { isHealthy, findings } = JSON.parse(out) as Report
  for (const { level, remedy } of findings) expect(remedy === undefined).toBe(level === 'ok')
  return { code, isHealthy, of: (check: string) => findings.find((finding) => finding.check === check) }
}

test('a running engine: store, clock, disk, limits, permissions; then its folder without it, then damaged', {
  timeout: TIMEOUT_MS,
}, async () => {
  const data = join(folder, 'data')
  const engine = await EngineProcess.start(['--store.path', data])
  const url = engine.url.origin
  try {
    const running = await examine('--url', url)
    expect(running.of('engine')).toMatchObject({ level: 'ok' })
    expect(running.of('memory and store')).toMatchObject({ level: 'ok', message: expect.stringMatching(/^[1-9]\d* /) })
    for (const check of ['clock', 'clocks', 'permissions']) expect(running.of(check)).toMatchObject({ level: 'ok' })
    for (const check of ['disk space', 'open files']) expect(running.of(check)).toBeDefined()
    expect(running.code).toBe(running.isHealthy ? 0 : 4)
    chmodSync(data, 0o755)
    expect((await examine('--url', url)).of('permissions')).toMatchObject({ level: 'warning' })
    expect((await examine('--folder', data)).of('data folder')).toMatchObject({
      level: 'warning',
      message: expect.stringContaining('another Rollcall is using'),
    })
    const forPeople = await startCommand(['doctor', '--url', url]).ended
    expect(forPeople.out).toMatch(/^LEVEL +CHECK +SEEN$/m)
    expect(forPeople.out).toContain(`permissions: chmod 700 ${data}`)
  } finally {
    await engine.stop()
  }
  expect((await examine('--folder', data)).of('data folder')).toMatchObject({
    level: 'ok',
    message: expect.stringMatching(/holds \d+ records/),
  })
  writeFileSync(join(data, 'registry.mdb'), 'something else entirely, and rather short')
  const damaged = await examine('--folder', data)
  expect(damaged.code).toBe(4)
  expect(damaged.of('data folder')).toMatchObject({
    level: 'problem',
    remedy: expect.stringContaining('rollcall restore'),
  })
  expect((await examine('--folder', join(folder, 'nowhere'))).code).toBe(4)
})

test('a port without an engine, and one that belongs to something else, are told apart', {
  timeout: TIMEOUT_MS,
}, async () => {
  const closed = await examine('--url', 'http://127.0.0.1:9')
  expect(closed.code).toBe(4)
  expect(closed.of('port')).toMatchObject({ level: 'problem' })
  const other = createServer((_, response) => response.writeHead(404).end('not here'))
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
  const { port } = other.address() as AddressInfo
  const taken = await examine('--url', `http://127.0.0.1:${port}`)
  other.close()
  expect(taken.of('port')).toMatchObject({
    level: 'problem',
    message: expect.stringContaining('not as an engine does'),
    remedy: expect.stringContaining('Another program has this port'),
  })
})
