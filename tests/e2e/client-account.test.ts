import { createClient, RollcallError } from '@rollcall/client'
import type { Engine } from '@rollcall/engine/engine'
import { startEngine } from '@rollcall/engine/engine'
import { ManualClock } from '@rollcall/engine/kernel/manual-clock'
import { Secret } from '@rollcall/engine/kernel/secret'
import { loadSettings } from '@rollcall/engine/settings'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTestBed } from './client-fixture.ts'

const PASSWORD = 'Root-4-the-client'
const silent = { error() {}, warn() {}, info() {} }

let engine: Engine
/** Time of the engine and of its clients. */
const clock = new ManualClock()

beforeAll(async () => {
  const settings = loadSettings(['--server.port', '0', '--store.kind', 'memory', '--auth.mode', 'on'], {})
  engine = await startEngine(settings, { log: silent, clock, secrets: { rootPassword: new Secret(PASSWORD) } })
})
afterAll(() => engine.close())

const connect = (password: string | (() => string) = PASSWORD, name = 'root') =>
  createClient({ urls: engine.url, clock, account: { name, password } })

test('a client with an account signs in once, and does everything that the account may', async () => {
  let asked = 0
  const client = connect(() => {
    asked++
    return PASSWORD
  })
  const id = await client.services.create({ serviceName: 'cart' })
  await Promise.all([client.services.get(id), client.services.list(), client.access.permissions()])
  expect(asked).toBe(1)
})

test('it signs in again before its token ends, and when the engine does not take it any more', async () => {
  const root = connect()
  await root.access.createAccount({ name: 'ann', password: 'First-1-password', roles: ['viewer'] })
  const passwords = ['First-1-password', 'First-1-password', 'Second-2-password']
  const ann = connect(() => passwords.shift() ?? '', 'ann')
  await ann.services.list()
  clock.advance(10 * 3_600_000)
  await ann.services.list()
  expect(passwords).toHaveLength(1)
  await root.access.changePassword('ann', { password: 'Second-2-password' })
  await expect(ann.services.list()).rejects.toMatchObject({ code: '401002' })
  await ann.services.list()
  expect(passwords).toHaveLength(0)
})

test('a wrong password is told, and asked for again at the next call', async () => {
  const passwords = ['Wrong-1-password', PASSWORD]
  const client = connect(() => passwords.shift() ?? '')
  await expect(client.services.list()).rejects.toBeInstanceOf(RollcallError)
  await client.services.list()
})

test('where access control is off, it goes on without a token', async () => {
  await using bed = await startTestBed()
  const client = bed.connect({ account: { name: 'root', password: PASSWORD } })
  expect(await client.services.list()).toEqual([])
})

test('accounts and roles can be made, shown, changed and removed', async () => {
  const { access } = connect()
  const perms = [{ resources: [{ type: 'service', labels: { appId: 'shop' } }], verbs: ['get'] }]
  await access.createRole('reader', perms)
  await access.createAccount({ name: 'ben', password: 'First-1-password', roles: ['reader'] })
  expect(await access.account('ben')).toMatchObject({ name: 'ben', roles: ['reader'], status: 'active' })
  await access.changeAccount('ben', { status: 'inactive' })
  expect((await access.accounts()).find(({ name }) => name === 'ben')).toMatchObject({ status: 'inactive' })
  await access.removeAccount('ben')
  await access.changeRole('reader', [])
  expect(await access.role('reader')).toMatchObject({ name: 'reader' })
  await access.removeRole('reader')
  expect((await access.roles()).map(({ name }) => name)).not.toContain('reader')
})
