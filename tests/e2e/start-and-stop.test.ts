import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'

const MAIN = new URL('../../engine/src/main.ts', import.meta.url).pathname
const TIMEOUT_MS = 60_000

let folder: string
const children: ChildProcess[] = []

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rollcall-start-'))
})

afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
  rmSync(folder, { recursive: true, force: true })
})

/** Starts an engine in the folder; `said` resolves as soon as it has printed something like this. */
function start(args: readonly string[], env: NodeJS.ProcessEnv = {}) {
  const child = spawn(process.execPath, [MAIN, ...args], { cwd: folder, env: { ...process.env, ...env } })
  children.push(child)
  let text = ''
  const keep = (chunk: Buffer) => {
    text += chunk.toString()
  }
  child.stdout.on('data', keep)
  child.stderr.on('data', keep)
  const ended = once(child, 'close').then(([code]) => ({ code: code as number | null, text }))
  const said = async (expected: RegExp): Promise<string> => {
    for (;;) {
      const match = expected.exec(text)
      if (match !== null) return match[1] ?? ''
      if (child.exitCode !== null) throw new Error(`it ended with ${child.exitCode}: ${text}`)
      await Promise.race([once(child.stdout, 'data'), ended])
    }
  }
  return { child, ended, said, text: () => text }
}

const URL_OF = /API +(http:\S+)/

async function register(url: string): Promise<number> {
  const body = JSON.stringify({ service: { serviceName: 'hello', version: '1.0.0' } })
  const headers = { 'Content-Type': 'application/json' }
  return (await fetch(`${url}/v4/default/registry/microservices`, { method: 'POST', headers, body })).status
}

test('the greeting says version, address, store, and how to register a first service', {
  timeout: TIMEOUT_MS,
}, async () => {
  const engine = start(['--server.port', '0'])
  const url = await engine.said(URL_OF)
  await engine.said(/(Ctrl-C stops it)/)
  expect(engine.text()).toMatch(/^Rollcall \d+\.\d+\.\d+$/m)
  expect(engine.text()).toMatch(/Store +lmdb in \.\/data/)
  expect(engine.text()).toContain(`curl -X POST ${url}/v4/default/registry/microservices`)
  expect(new URL(url).hostname).toBe('127.0.0.1')
  expect(await register(url)).toBe(200)
})

test.each(['SIGINT', 'SIGTERM'] as const)(
  '%s ends it with 0, and what it acknowledged is there at the next start',
  {
    timeout: TIMEOUT_MS,
  },
  async (signal) => {
    const engine = start(['--server.port', '0'])
    expect(await register(await engine.said(URL_OF))).toBe(200)
    engine.child.kill(signal)
    expect(await engine.ended).toMatchObject({ code: 0, text: expect.stringContaining('Stopped.') })
    const url = await start(['--server.port', '0']).said(URL_OF)
    const answer = await fetch(`${url}/v4/default/registry/microservices`)
    expect(await answer.text()).toContain('"serviceName":"hello"')
  },
)

test('signals that come together are one wish; to somebody who waits and asks again it yields', {
  timeout: TIMEOUT_MS,
}, async () => {
  const engine = start(['--server.port', '0', '--store.kind', 'memory', '--server.drainSeconds', '600'])
  const { hostname, port } = new URL(await engine.said(URL_OF))
  const client = connect(Number(port), hostname)
  client.on('error', () => {})
  // A body that never comes: the engine would wait for it.
  client.write('POST /v4/default/registry/microservices HTTP/1.1\r\nHost: rollcall\r\nContent-Length: 10\r\n\r\n{')
  await once(client, 'connect')
  for (let n = 0; n < 3; n++) engine.child.kill('SIGINT')
  const refused = () =>
    fetch(`http://${hostname}:${port}/version`).then(
      () => 'answered',
      () => 'refused',
    )
  await expect.poll(refused, { timeout: TIMEOUT_MS }).toBe('refused')
  expect(engine.child.exitCode).toBeNull()
  const exitCode = () => {
    engine.child.kill('SIGINT')
    return engine.child.exitCode
  }
  await expect.poll(exitCode, { timeout: TIMEOUT_MS, interval: 100 }).toBe(130)
  client.destroy()
})

test('a second engine on the same data folder or the same port says so and harms nothing', {
  timeout: TIMEOUT_MS,
}, async () => {
  const first = start(['--server.port', '0'])
  const url = await first.said(URL_OF)
  const sameFolder = await start(['--server.port', '0']).ended
  expect(sameFolder).toMatchObject({
    code: 3,
    text: expect.stringMatching(/Another Rollcall.*\.\/data.*--store\.path/),
  })
  const { port } = new URL(url)
  const samePort = await start(['--server.port', port, '--store.kind', 'memory']).ended
  expect(samePort).toMatchObject({ code: 4, text: expect.stringContaining(`127.0.0.1:${port}: the port is in use`) })
  expect(await register(url)).toBe(200)
})

test('flags win over the environment, and that over the file', { timeout: TIMEOUT_MS }, async () => {
  writeFileSync(
    join(folder, 'rollcall.yaml'),
    'server:\n  port: 0\nstore: { kind: lmdb, path: ./by-file }\nlog.level: silent\n',
  )
  const byFile = start([])
  await byFile.said(/Store +(lmdb in \.\/by-file)/)
  const byVariable = start([], { ROLLCALL_STORE_PATH: './by-variable' })
  await byVariable.said(/Store +(lmdb in \.\/by-variable)/)
  const byFlag = start(['--store.path', './by-flag'], { ROLLCALL_STORE_PATH: './by-variable' })
  await byFlag.said(/Store +(lmdb in \.\/by-flag)/)
})

interface Wrong {
  readonly what: string
  readonly args?: readonly string[]
  readonly env?: NodeJS.ProcessEnv
  readonly file?: string
  readonly sentence: RegExp
}

const WRONG: readonly Wrong[] = [
  {
    what: 'a flag',
    args: ['--server.port', '70000'],
    sentence: /server\.port.*flag --server\.port.*from 0 to 65535/,
  },
  {
    what: 'a variable',
    env: { ROLLCALL_STORE_KIND: 'disk' },
    sentence: /store\.kind.*variable ROLLCALL_STORE_KIND.*lmdb, memory/,
  },
  {
    what: 'the file',
    file: 'log:\n  level: loud\n',
    sentence: /log\.level.*rollcall\.yaml, line 2.*fatal, error, warn/,
  },
  { what: 'an unknown flag', args: ['--server.prot', '1'], sentence: /server\.prot.*server\.port/ },
  {
    what: 'an unknown variable',
    env: { ROLLCALL_SERVER_PROT: '1' },
    sentence: /ROLLCALL_SERVER_PROT.*ROLLCALL_SERVER_PORT/,
  },
  { what: 'an unknown name in the file', file: 'server:\n  prot: 1\n', sentence: /server\.prot.*server\.port/ },
]

test.each(WRONG)(
  '$what that is wrong stops the start by name, origin and what is allowed',
  {
    timeout: TIMEOUT_MS,
  },
  async ({ args = [], env = {}, file = '', sentence }) => {
    writeFileSync(join(folder, 'rollcall.yaml'), file)
    const { code, text } = await start(args, env).ended
    expect(code).toBe(2)
    expect(text).toMatch(sentence)
  },
)
