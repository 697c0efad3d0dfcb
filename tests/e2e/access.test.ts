import { generateKeyPairSync } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { EngineProcess } from '../conformance/wire/engine-process.ts'

const TIMEOUT_MS = 60_000
const PASSWORD = 'Known-1-password'

let folder: string
const engines: EngineProcess[] = []

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rollcall-access-'))
})

afterEach(async () => {
  for (const engine of engines.splice(0)) await engine.crash()
  rmSync(folder, { recursive: true, force: true })
})

async function start(flags: readonly string[], variables: Readonly<Record<string, string>> = {}) {
  const engine = await EngineProcess.start(['--store.path', join(folder, 'data'), ...flags], variables)
  engines.push(engine)
  return engine
}

/** What an engine says that does not start. */
async function refusal(flags: readonly string[], variables: Readonly<Record<string, string>> = {}): Promise<string> {
  return start(flags, variables).then(
    () => 'it started',
    (error: Error) => error.message,
  )
}

async function signIn({ url }: EngineProcess, password: string): Promise<number> {
  const body = JSON.stringify({ name: 'root', password })
  return (await fetch(new URL('/v4/token', url), { method: 'POST', body })).status
}

const ON = ['--auth.mode', 'on'] as const
const SHOWN = /shown this once and stored nowhere in clear:\n {2}(\S+)\n/

describe('beyond the loopback', { timeout: TIMEOUT_MS }, () => {
  test('it does not start without access control, and says what to do', async () => {
    const said = await refusal(['--server.host', '0.0.0.0'])
    expect(said).toContain('server.host is 0.0.0.0, which other machines can reach, and there is no access control.')
    expect(said).toContain('Set auth.mode to on, or listen on 127.0.0.1, or set auth.mode to off')
  })

  test.each(['on', 'off'])('it starts when auth.mode is %s in so many words', async (mode) => {
    const engine = await start(['--server.host', '127.0.0.2', '--auth.mode', mode])
    const status = (await fetch(new URL('/v4/default/registry/microservices', engine.url))).status
    expect(status).toBe(mode === 'on' ? 401 : 200)
  })
})

describe('the password of root', { timeout: TIMEOUT_MS }, () => {
  test('is shown at the first start and never again; a reset shows another', async () => {
    const first = await start(ON)
    const password = SHOWN.exec(first.output)?.[1] ?? ''
    expect(await signIn(first, password)).toBe(200)
    await first.stop()
    const second = await start(ON)
    expect(second.output).not.toMatch(SHOWN)
    expect(await signIn(second, password)).toBe(200)
    await second.stop()
    const third = await start([...ON, '--auth.resetRoot', 'true'])
    const other = SHOWN.exec(third.output)?.[1] ?? ''
    expect(other).not.toBe(password)
    expect([await signIn(third, password), await signIn(third, other)]).toEqual([401, 200])
  })

  test('comes from a variable or from a file, and is not shown', async () => {
    const first = await start(ON, { ROLLCALL_ROOT_PASSWORD: PASSWORD })
    expect([first.output.includes(PASSWORD), await signIn(first, PASSWORD)]).toEqual([false, 200])
    await first.stop()
    const file = join(folder, 'password')
    writeFileSync(file, 'Filed-1-password\n')
    const second = await start([...ON, '--auth.resetRoot', 'true'], { ROLLCALL_ROOT_PASSWORD_FILE: file })
    expect([await signIn(second, PASSWORD), await signIn(second, 'Filed-1-password')]).toEqual([401, 200])
  })

  test.each([
    ['weak', { ROLLCALL_ROOT_PASSWORD: 'root' }, /password for root is too weak/],
    ['of a sample', { ROLLCALL_ROOT_PASSWORD: 'Complicated_password1' }, /stands in guides and samples/],
    ['given twice', { ROLLCALL_ROOT_PASSWORD: PASSWORD, ROLLCALL_ROOT_PASSWORD_FILE: '/dev/null' }, /not both/],
    ['in no file', { ROLLCALL_ROOT_PASSWORD_FILE: '/nowhere/password' }, /Cannot read the password of root/],
  ])('is refused when it is %s', async (_, variables, reason) => {
    expect(await refusal(ON, variables)).toMatch(reason)
  })
})

describe('keys from files', { timeout: TIMEOUT_MS }, () => {
  const format = (type: 'spki' | 'pkcs1') => ({ type, format: 'pem' })
  const newPair = () =>
    generateKeyPairSync('rsa', {
      modulusLength: 2048,
      publicKeyEncoding: format('spki') as { type: 'spki'; format: 'pem' },
      privateKeyEncoding: format('pkcs1') as { type: 'pkcs1'; format: 'pem' },
    })
  const { privateKey, publicKey } = newPair()
  const write = (name: string, text: string) => {
    writeFileSync(join(folder, name), text)
    return join(folder, name)
  }

  test('as Service Center has them sign and prove; former ones go on proving', async () => {
    const old = ['--auth.privateKeyFile', write('old', privateKey)]
    const before = await start([...ON, ...old], { ROLLCALL_ROOT_PASSWORD: PASSWORD })
    const body = JSON.stringify({ name: 'root', password: PASSWORD })
    const { token } = (await (await fetch(new URL('/v4/token', before.url), { method: 'POST', body })).json()) as {
      token: string
    }
    await before.stop()
    const statusAt = async (...flags: string[]) => {
      const engine = await start([...ON, ...flags])
      const headers = { Authorization: `Bearer ${token}` }
      const { status } = await fetch(new URL('/v4/self-perms', engine.url), { headers })
      await engine.stop()
      return status
    }
    expect(await statusAt(...old)).toBe(200)
    const changed = ['--auth.privateKeyFile', write('new', newPair().privateKey)]
    expect(await statusAt(...changed, '--auth.publicKeyFiles', write('old.pub', publicKey))).toBe(200)
    expect(await statusAt(...changed)).toBe(401)
  })

  test.each([
    [['--auth.privateKeyFile', '/nowhere/key'], /Cannot read the key of auth.privateKeyFile/],
    [['--auth.privateKeyFile', '/dev/null'], /A key of auth.privateKeyFile cannot be read/],
    [['--auth.publicKeyFiles', '/dev/null'], /auth.publicKeyFiles needs auth.privateKeyFile/],
  ])('%s: it does not start, and says why', async (flags, reason) => {
    expect(await refusal([...ON, ...flags])).toMatch(reason)
  })
})
