import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { AuditEntry, AuditPage } from '@rollcall/protocol/audit'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { EngineProcess } from '../conformance/wire/engine-process.ts'

const PASSWORD = 'Root-4-the-crash'
const WRITERS = 4
const CHANGES_BEFORE_CRASH = 80
const ROUNDS = 3

let folder: string
let engine: EngineProcess

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rollcall-audit-'))
  engine = await start()
})

afterEach(async () => {
  await engine.crash()
  await rm(folder, { recursive: true, force: true })
})

function start(): Promise<EngineProcess> {
  const flags = ['--store.path', join(folder, 'data'), '--log.level', 'silent', '--auth.mode', 'on']
  return EngineProcess.start(flags, { ROLLCALL_ROOT_PASSWORD: PASSWORD })
}

async function send(method: string, path: string, { token = '', body }: { token?: string; body?: object } = {}) {
  const headers = { Authorization: `Bearer ${token}` }
  const response = await fetch(`${engine.url}${path}`, { method, headers, ...(body && { body: JSON.stringify(body) }) })
  return { status: response.status, json: response.status === 200 ? await response.text() : '' }
}

async function signIn(password = PASSWORD): Promise<string> {
  const { status, json } = await send('POST', 'v4/token', { body: { name: 'root', password } })
  return status === 200 ? JSON.parse(json).token : ''
}

/** Every entry of an action. */
async function entriesOf(action: string, token: string): Promise<AuditEntry[]> {
  const found: AuditEntry[] = []
  let cursor = ''
  do {
    const path = `v4/default/admin/audit?limit=100&action=${action}${cursor && `&cursor=${cursor}`}`
    const page: AuditPage = JSON.parse((await send('GET', path, { token })).json)
    found.push(...page.entries)
    cursor = page.nextCursor ?? ''
  } while (cursor !== '')
  return found
}

/** Makes services with instances until the engine is gone. @returns what was acknowledged */
async function write(
  writer: string,
  token: string,
  onChange: () => void,
): Promise<{ kind: string; resource: string }[]> {
  const done: { kind: string; resource: string }[] = []
  const change = async (path: string, body: object) => {
    const { status, json } = await send('POST', path, { token, body })
    expect(status).toBe(200)
    onChange()
    return JSON.parse(json)
  }
  for (let count = 0; ; count++) {
    try {
      const service = { serviceName: `${writer}-${count}`, version: '1.0.0' }
      const { serviceId } = await change('v4/default/registry/microservices', { service })
      done.push({ kind: 'service.create', resource: serviceId })
      const instances = `v4/default/registry/microservices/${serviceId}/instances`
      const { instanceId } = await change(instances, { instance: { hostName: 'h', endpoints: ['rest://h:1'] } })
      done.push({ kind: 'instance.register', resource: `${serviceId}/${instanceId}` })
    } catch (error) {
      if (error instanceof TypeError) return done
      throw error
    }
  }
}

test('each change that was acknowledged has its one entry after the engine was killed', async () => {
  const acknowledged: { kind: string; resource: string }[] = []
  for (let round = 1; round <= ROUNDS; round++) {
    const token = await signIn()
    let changes = 0
    const crashed = Promise.withResolvers<void>()
    const writers = Array.from({ length: WRITERS }, (_, writer) =>
      write(`r${round}-w${writer}`, token, () => {
        changes += 1
        if (changes === CHANGES_BEFORE_CRASH) void engine.crash().then(crashed.resolve)
      }),
    )
    for (const done of await Promise.all(writers)) acknowledged.push(...done)
    await crashed.promise
    engine = await start()
  }
  const token = await signIn()
  for (const kind of ['service.create', 'instance.register']) {
    const entries = await entriesOf(kind, token)
    const times = new Map<string, number>()
    for (const { resource } of entries) times.set(resource, (times.get(resource) ?? 0) + 1)
    for (const { resource } of acknowledged.filter((one) => one.kind === kind))
      expect(times.get(resource), resource).toBe(1)
    if (kind === 'service.create') expect(new Set(entries.map(({ account }) => account))).toEqual(new Set(['root']))
  }
})

test('a refused sign-in is told after the engine was killed at once', async () => {
  expect(await signIn('Wrong-4-the-crash')).toBe('')
  await engine.crash()
  engine = await start()
  const [latest] = await entriesOf('account.sign-in', await signIn()).then((found) => found.slice(1))
  expect(latest).toMatchObject({ account: 'root', address: '127.0.0.1', result: '401002' })
})
