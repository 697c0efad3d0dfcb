import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { EngineProcess } from '../conformance/wire/engine-process.ts'

const MAIN = fileURLToPath(new URL('../../cli/src/main.ts', import.meta.url))
const PASSWORD = 'Root-4-the-command'

let engine: EngineProcess
let folder: string

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'rollcall-cli-'))
  const flags = ['--store.kind', 'memory', '--auth.mode', 'on']
  engine = await EngineProcess.start(flags, { ROLLCALL_ROOT_PASSWORD: PASSWORD })
})
afterAll(async () => {
  await engine?.stop()
  rmSync(folder, { recursive: true })
})

/** Runs the command with these variables. */
async function run(variables: Readonly<Record<string, string>>, ...args: string[]) {
  const env = { ...process.env, NO_COLOR: '1', ROLLCALL_URL: engine.url.origin, ...variables }
  const child = spawn(process.execPath, [MAIN, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] })
  let out = ''
  let err = ''
  child.stdout.on('data', (chunk: Buffer) => {
    out += chunk.toString()
  })
  child.stderr.on('data', (chunk: Buffer) => {
    err += chunk.toString()
  })
  const [code] = await once(child, 'close')
  return { code: code as number | null, out, err }
}

const ROOT = { ROLLCALL_USER: 'root', ROLLCALL_PASSWORD: PASSWORD }

function file(name: string, text: string): string {
  writeFileSync(join(folder, name), text)
  return join(folder, name)
}

test('every command signs in with a user: the password from a file, a variable, or nobody to be asked', async () => {
  const password = file('root', `${PASSWORD}\n`)
  expect(await run({}, 'services', 'list', '--user', 'root', '--password-file', password)).toMatchObject({ code: 0 })
  expect(await run(ROOT, 'find', 'SERVICECENTER')).toMatchObject({ code: 0 })
  const without = await run({}, 'services', 'list')
  expect([without.code, without.err]).toEqual([3, expect.stringContaining('Sign in with --user')])
  const unasked = await run({}, 'services', 'list', '--user', 'root')
  expect([unasked.code, unasked.err]).toEqual([1, expect.stringContaining('nobody is there to be asked')])
  const wrong = await run({ ROLLCALL_USER: 'root', ROLLCALL_PASSWORD: 'x' }, 'services', 'list')
  expect([wrong.code, wrong.err]).toEqual([3, expect.stringContaining('401002')])
})

test('accounts and roles: made, listed, used, changed, deleted', async () => {
  const perms = file('perms', '[{"resources":[{"type":"service","labels":{"appId":"shop"}}],"verbs":["get"]}]')
  const first = file('first', 'First-1-password')
  expect(await run(ROOT, 'roles', 'create', 'reader', '--perms', perms)).toMatchObject({ out: 'Made role reader.\n' })
  expect((await run(ROOT, 'roles', 'list')).out).toMatch(/^reader +get +service +appId=shop$/m)
  const made = await run(ROOT, 'accounts', 'create', 'ann', '--role', 'reader', '--new-password-file', first)
  expect(made).toMatchObject({ code: 0, out: 'Made account ann with reader.\n' })
  expect((await run(ROOT, 'accounts', 'list')).out).toMatch(/^ann +reader +active/m)

  const ann = { ROLLCALL_USER: 'ann', ROLLCALL_PASSWORD: 'First-1-password' }
  expect((await run(ann, 'services', 'list')).code).toBe(0)
  const denied = await run(ann, 'accounts', 'list')
  expect([denied.code, denied.err]).toEqual([3, expect.stringContaining('role has no permissions[account:get]')])
  const second = file('second', 'Second-2-password')
  expect((await run(ann, 'accounts', 'password', 'ann', '--new-password-file', second)).code).toBe(0)
  expect((await run(ann, 'services', 'list')).code).toBe(3)

  await run(ROOT, 'accounts', 'change', 'ann', '--status', 'inactive')
  expect(JSON.parse((await run(ROOT, 'accounts', 'get', 'ann', '--json')).out)).toMatchObject({ status: 'inactive' })
  expect((await run(ROOT, 'roles', 'delete', 'reader')).err).toContain('account [ann] has the role')
  expect(await run(ROOT, 'accounts', 'delete', 'ann')).toMatchObject({ out: 'Deleted account ann.\n' })
  expect(await run(ROOT, 'roles', 'delete', 'reader')).toMatchObject({ out: 'Deleted role reader.\n' })
  expect((await run(ROOT, 'accounts', 'locks')).out).toMatch(/^(root|ann)::127\.0\.0\.1 +attempted/m)
})
