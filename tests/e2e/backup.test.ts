import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { createClient } from '@rollcall/client'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { EngineProcess } from '../conformance/wire/engine-process.ts'
import { startCommand } from './command.ts'

const WRITERS = 32
const WRITTEN_BEFORE = 20
const TIMEOUT_MS = 120_000

let folder: string
const engines: EngineProcess[] = []
const at = (name: string) => join(folder, name)
const run = (...args: string[]) => startCommand(args).ended

async function startEngine(store: string, ...flags: string[]): Promise<EngineProcess> {
  const engine = await EngineProcess.start(['--store.path', store, ...flags])
  engines.push(engine)
  return engine
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'rollcall-backup-'))
})
afterEach(async () => {
  for (const engine of engines.splice(0)) await engine.crash()
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Registers instances one after the other until told to stop; their ids are numbered. */
async function write(url: string, { writer, isOver }: { readonly writer: number; readonly isOver: () => boolean }) {
  const client = createClient({ urls: url })
  const serviceId = await client.services.create({ serviceName: `writer-${writer}`, version: '1.0.0' })
  const acknowledged = { serviceId, count: 0, tried: 0 }
  const go = async () => {
    while (!isOver()) {
      acknowledged.tried += 1
      const instanceId = `w${writer}-${acknowledged.tried}`
      await client.instances.register(serviceId, { instanceId, hostName: 'h', properties: { text: 'ü\u2028\n' } })
      acknowledged.count += 1
    }
  }
  return { acknowledged, done: go() }
}

test('a backup under 32 writers holds all that was acknowledged before it, and of each writer no later one without the earlier', {
  timeout: TIMEOUT_MS,
}, async () => {
  const engine = await startEngine(at('written'))
  let isOver = false
  const url = engine.url.origin
  const writers = await Promise.all(
    Array.from({ length: WRITERS }, (_, writer) => write(url, { writer, isOver: () => isOver })),
  )
  const progressed = async (count: number) => {
    while (!writers.every(({ acknowledged }) => acknowledged.count >= count)) {
      await createClient({ urls: url }).version()
    }
  }
  await progressed(WRITTEN_BEFORE)
  const before = writers.map(({ acknowledged }) => acknowledged.count)
  const { code, out, err } = await run('backup', at('under-load.gz'), '--url', url, '--journal')
  expect({ code, err }).toEqual({ code: 0, err: '' })
  expect(out).toMatch(/^Backed up \d+ records .* read back and found whole\.$/m)
  await progressed(Math.max(...before) + 1)
  isOver = true
  await Promise.all(writers.map(({ done }) => done))
  await engine.stop()

  const restored = await run('restore', at('under-load.gz'), at('restored'), '--json')
  expect(restored).toMatchObject({ code: 0, err: '' })
  const again = await startEngine(at('restored'))
  const client = createClient({ urls: again.url.origin })
  for (const [writer, { acknowledged }] of writers.entries()) {
    const instances = await client.instances.list(acknowledged.serviceId)
    const numbers = instances
      .map(({ instanceId }) => Number(instanceId.split('-')[1]))
      .sort((one, other) => one - other)
    expect(numbers).toEqual(Array.from(numbers, (_, index) => index + 1))
    expect(numbers.length).toBeGreaterThanOrEqual(before[writer] ?? 0)
    expect(numbers.length).toBeLessThanOrEqual(acknowledged.tried)
    expect(instances[0]?.properties).toEqual({ text: 'ü\u2028\n' })
  }
  // What is restored is written to as any other folder is, and its leases run.
  const [first] = writers
  await client.instances.heartbeat(first?.acknowledged.serviceId ?? '', 'w0-1')
  await client.services.create({ serviceName: 'later', version: '1.0.0' })
})

test('what cannot be restored is refused by name, with what to do, and leaves nothing behind', {
  timeout: TIMEOUT_MS,
}, async () => {
  const engine = await startEngine(at('small'))
  const url = engine.url.origin
  await createClient({ urls: url }).services.create({ serviceName: 'one', version: '1.0.0' })
  expect((await run('backup', at('good'), '--url', url)).code).toBe(0)
  const good = readFileSync(at('good'), 'utf8')
  expect((await run('backup', at('good.gz'), '--url', url)).code).toBe(0)
  expect(gunzipSync(readFileSync(at('good.gz'))).length).toBeGreaterThan(100)
  const damaged: Record<string, [string | Buffer, RegExp]> = {
    empty: ['', /empty is empty/],
    foreign: ['SQLite format 3\0\n', /foreign is no backup of Rollcall/],
    export: ['{"rollcall":"export","format":1}\n', /export is no backup of Rollcall, but a file of kind 'export'/],
    later: [good.replace('"format":1', '"format":9'), /later has format 9, this version reads 1/],
    cut: [good.slice(0, -40), /cut ends/],
    changed: [good.replace('"one\\"', '"two\\"'), /changed is damaged: its content is not what its checksum says/],
    'cut.gz': [readFileSync(at('good.gz')).subarray(0, 200), /cut\.gz is damaged or cut/],
  }
  for (const [name, [content, reason]] of Object.entries(damaged)) {
    writeFileSync(at(name), content)
    const { code, out, err } = await run('restore', at(name), at('never'))
    expect({ name, code, out }).toEqual({ name, code: 5, out: '' })
    expect(err).toMatch(reason)
  }
  const used = await run('restore', at('good'), at('small'))
  expect(used).toMatchObject({ code: 5, out: '' })
  expect(used.err).toContain('is not empty: restore into a new one')
  expect(readdirSync(folder).filter((name) => name.includes('never'))).toEqual([])
  const missing = await run('restore', at('nowhere'), at('never'), '--json')
  expect(missing.code).toBe(5)
  expect(JSON.parse(missing.err)).toMatchObject({ error: { kind: 'file' } })
})

test('a backup is for administrators, of stores that keep a disk, and does not overwrite unasked', {
  timeout: TIMEOUT_MS,
}, async () => {
  const memory = await startEngine(at('none'), '--store.kind', 'memory')
  const inMemory = await run('backup', at('memory'), '--url', memory.url.origin)
  expect(inMemory).toMatchObject({ code: 3, out: '' })
  expect(inMemory.err).toContain('keeps its store in memory')
  const other = await fetch(`${memory.url.origin}/v4/other/admin/backup`)
  expect(other.status).toBe(403)
  writeFileSync(at('there'), 'precious')
  const kept = await run('backup', at('there'), '--url', memory.url.origin)
  expect(kept).toMatchObject({ code: 1, out: '' })
  expect(kept.err).toContain('--force')
  expect(readFileSync(at('there'), 'utf8')).toBe('precious')
  expect(readdirSync(folder).filter((name) => name.endsWith('.part'))).toEqual([])
})

test('with access control on only administrators get a backup, and a restored engine knows all accounts', {
  timeout: TIMEOUT_MS,
}, async () => {
  const guarded = [at('guarded'), '--auth.mode', 'on'] as const
  const signIn = async (engine: EngineProcess, name: string, password: string) => {
    token = ''
    token = (await post(engine, '/v4/token', { name, password })).token ?? ''
    return token
  }
  let token = ''
  const post = async ({ url }: EngineProcess, path: string, body: object) => {
    const headers = { 'Content-Type': 'application/json', Authorization: `Bearer ${token}` }
    const answer = await fetch(new URL(path, url), { method: 'POST', headers, body: JSON.stringify(body) })
    return JSON.parse((await answer.text()) || '{}') as { token?: string }
  }
  const variables = { ROLLCALL_ROOT_PASSWORD: 'Root-4-backups' }
  const engine = await EngineProcess.start(['--store.path', ...guarded], variables)
  engines.push(engine)
  const root = await signIn(engine, 'root', 'Root-4-backups')
  const perms = [{ resources: [{ type: 'ops' }], verbs: ['*'] }]
  await post(engine, '/v4/roles', { name: 'operator', perms })
  const ann = { name: 'ann', password: 'Ann-4-backups', roles: ['operator'] }
  await post(engine, '/v4/accounts', ann)
  const url = engine.url.origin
  const backup = (file: string, credential: string) =>
    startCommand(['backup', at(file), '--url', url], { ROLLCALL_TOKEN: credential }).ended
  const refused = await backup('by-ann', await signIn(engine, 'ann', ann.password))
  expect(refused.code).toBe(3)
  expect(refused.err).toContain('Required admin permission')
  expect((await backup('by-nobody', '')).code).toBe(3)
  expect(await backup('by-root', root)).toMatchObject({ code: 0 })
  await engine.stop()
  expect((await run('restore', at('by-root'), at('guarded-again'))).code).toBe(0)
  const again = await startEngine(at('guarded-again'), '--auth.mode', 'on')
  expect(await signIn(again, 'ann', ann.password)).toMatch(/^ey/)
})

test('what has just been acknowledged is in a backup that is asked for at once', { timeout: TIMEOUT_MS }, async () => {
  const engine = await startEngine(at('at-once'))
  const client = createClient({ urls: engine.url.origin })
  for (let round = 0; round < 10; round++) {
    const id = await client.services.create({ serviceName: `fresh-${round}`, version: '1.0.0' })
    const lines = await (await fetch(new URL('/v4/default/admin/backup', engine.url))).text()
    expect(lines).toContain(id)
    await client.services.remove(id)
    expect(await (await fetch(new URL('/v4/default/admin/backup', engine.url))).text()).not.toContain(id)
  }
})
