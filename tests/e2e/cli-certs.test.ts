import { X509Certificate } from 'node:crypto'
import {
  chmodSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { EngineProcess } from '../conformance/wire/engine-process.ts'
import { startCommand } from './command.ts'

const SIX_FILES = ['ca-key.pem', 'ca.pem', 'client-key.pem', 'client.pem', 'server-key.pem', 'server.pem']

let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rollcall-certs-'))
})

afterEach(() => rmSync(folder, { recursive: true, force: true }))

const runCli = (args: readonly string[], env: NodeJS.ProcessEnv = {}) => startCommand(args, env).ended
const certs = (...more: string[]) => runCli(['certs', '--dir', folder, ...more])
const read = (name: string) => readFileSync(join(folder, name), 'utf8')
const certificate = (name: string) => new X509Certificate(read(name))
const modeOf = (name: string) => statSync(join(folder, name)).mode & 0o777

test('certs makes an authority, and certificates that it has signed, with keys that are nobody else’s business', async () => {
  const { code, out, err } = await certs('--client', 'ann', '--host', 'rollcall.example,10.1.2.3')
  expect({ code, err }).toEqual({ code: 0, err: '' })
  expect(out).toContain('rollcall serve --tls.cert')
  expect(readdirSync(folder).sort()).toEqual(SIX_FILES)
  for (const name of SIX_FILES) expect(modeOf(name), name).toBe(name.includes('key') ? 0o600 : 0o644)
  const authority = certificate('ca.pem')
  for (const name of ['server.pem', 'client.pem']) {
    expect(certificate(name).verify(authority.publicKey)).toBe(true)
    expect(certificate(name).checkIssued(authority)).toBe(true)
  }
  expect(certificate('server.pem').publicKey.asymmetricKeyType).toBe('rsa')
  for (const host of ['localhost', 'rollcall.example']) expect(certificate('server.pem').checkHost(host)).toBe(host)
  for (const ip of ['127.0.0.1', '::1', '10.1.2.3']) expect(certificate('server.pem').checkIP(ip)).toBe(ip)
  expect(certificate('client.pem').subject).toBe('CN=ann')
})

test('certs --json says what was made', async () => {
  const { code, out } = await certs('--keys', 'ec', '--days', '2', '--json')
  expect(code).toBe(0)
  const { files, hosts, validUntil } = JSON.parse(out)
  expect(Object.keys(files)).toEqual(['ca.pem', 'ca-key.pem', 'server.pem', 'server-key.pem'])
  expect(files['ca.pem']).toBe(join(folder, 'ca.pem'))
  expect(hosts.slice(0, 3)).toEqual(['localhost', '127.0.0.1', '::1'])
  expect(Date.parse(validUntil)).toBeLessThan(Date.now() + 3 * 86_400_000)
  expect(certificate('server.pem').publicKey.asymmetricKeyType).toBe('ec')
})

test('certs leaves files that are there alone, and names them', async () => {
  writeFileSync(join(folder, 'server-key.pem'), 'mine')
  const { code, err } = await certs()
  expect(code).toBe(1)
  expect(err).toContain(`${join(folder, 'server-key.pem')} is there already`)
  expect(readdirSync(folder)).toEqual(['server-key.pem'])
  expect(read('server-key.pem')).toBe('mine')
})

test('certs --force replaces them, and never writes a key into what others can read or through a link', async () => {
  const elsewhere = join(folder, 'elsewhere')
  writeFileSync(elsewhere, 'mine')
  symlinkSync(elsewhere, join(folder, 'ca-key.pem'))
  writeFileSync(join(folder, 'server-key.pem'), 'old')
  chmodSync(join(folder, 'server-key.pem'), 0o666)
  expect((await certs('--force')).code).toBe(0)
  expect(readFileSync(elsewhere, 'utf8')).toBe('mine')
  for (const name of ['ca-key.pem', 'server-key.pem']) {
    expect(read(name)).toContain('PRIVATE KEY')
    expect(modeOf(name)).toBe(0o600)
  }
})

test.each([
  [['--days', '0'], 'whole number from 1'],
  [['--host', 'a b'], 'names or addresses'],
  [['--keys', 'dsa'], 'rsa, ec'],
  [['--dir', '/dev/null/nowhere'], 'Choose another folder with --dir'],
])('certs %j: wrong usage, said in a sentence', async (flags, words) => {
  const { code, err } = await runCli(['certs', '--dir', folder, ...flags])
  expect(code).toBe(1)
  expect(err).toContain(words)
  expect(readdirSync(folder)).toEqual([])
})

test('an engine runs with them, and the command line talks to it over https, showing its certificate', async () => {
  await certs('--keys', 'ec', '--client', 'ann')
  const at = (name: string) => join(folder, name)
  const server = ['--tls.cert', at('server.pem'), '--tls.key', at('server-key.pem')]
  const clients = ['--tls.client', 'require', '--tls.ca', at('ca.pem')]
  const engine = await EngineProcess.start(['--store.kind', 'memory', ...server, ...clients])
  try {
    const { port } = engine.url
    const ask = (url: string, ...flags: string[]) => runCli(['services', 'list', '--url', url, ...flags])
    const shown = ['--ca', at('ca.pem'), '--cert', at('client.pem'), '--key', at('client-key.pem')]
    expect(await ask(`https://localhost:${port}`, ...shown)).toMatchObject({ code: 0, err: 'No services.\n' })
    const env = { ROLLCALL_CA: at('ca.pem'), ROLLCALL_CERT: at('client.pem'), ROLLCALL_KEY: at('client-key.pem') }
    expect(await runCli(['version', '--url', `https://127.0.0.1:${port}`], env)).toMatchObject({ code: 0, err: '' })

    const refusals = [
      [await ask(`https://localhost:${port}`, '--ca', at('ca.pem')), 'name one with --cert and --key'],
      [await ask(`https://localhost:${port}`), 'with --ca'],
      [await ask(`http://localhost:${port}`), 'https:// only'],
    ] as const
    for (const [{ code, err }, words] of refusals) {
      expect(code).toBe(2)
      expect(err).toContain(words)
    }
    const unfit = [
      [await ask(`https://localhost:${port}`, '--ca', at('nobody.pem')), 'cannot read'],
      [await ask(`https://localhost:${port}`, '--cert', at('client.pem')), 'belong together'],
      [await ask(`https://localhost:${port}`, '--cert', at('client.pem'), '--key', at('ca-key.pem')), 'cannot be used'],
    ] as const
    for (const [{ code, err }, words] of unfit) {
      expect(code).toBe(1)
      expect(err).toContain(words)
    }
  } finally {
    await engine.stop()
  }
})
