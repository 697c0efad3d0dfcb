import { utimesSync } from 'node:fs'
import { join } from 'node:path'
import { expect, type TestContext } from 'vitest'
import { EngineProcess } from '../conformance/wire/engine-process.ts'
import { startCommand } from '../e2e/command.ts'
import { mountSmallDisk } from '../robustness/small-disk.ts'

const PASSWORD = 'Known-1-password'
const WITHIN = { timeout: 60_000 }
const MEMORY = ['--store.kind', 'memory'] as const
const FUTURE = new Date('2099-01-01')

interface Place {
  /** A folder for this trouble alone. */
  readonly folder: string
  readonly context: TestContext
}

/** Makes a trouble. @returns all that the engine and the command say in it */
type Trouble = (place: Place) => Promise<string>

/** How each trouble of the page comes about, by the heading under which it stands. */
export const TROUBLES: Readonly<Record<string, Trouble>> = {
  '401 and 403': ({ folder }) =>
    withEngine(['--auth.mode', 'on', ...MEMORY], async (engine) => {
      const body = { name: 'ann', password: PASSWORD, roles: ['viewer'] }
      await ask(engine, 'POST accounts', { body, as: await token(engine, 'root') })
      const args = ['backup', join(folder, 'backup.gz'), '--url', engine.url.origin]
      const tokens = ['', 'damaged', await token(engine, 'ann')]
      return (await Promise.all(tokens.map((one) => command(args, { ROLLCALL_TOKEN: one })))).join('')
    }),

  'Instances disappear, or heartbeats are answered 400017': () =>
    withEngine(['--instance.ttlSeconds', '1', ...MEMORY], async (engine) => {
      const list = 'default/registry/microservices/s/instances'
      await deploy(engine, 1)
      await expect.poll(() => ask(engine, `GET ${list}`), WITHIN).not.toContain('"i0"')
      return ask(engine, `PUT ${list}/i0/heartbeat`)
    }),

  'Instances stay although they are dead': () =>
    withEngine(['--instance.ttlSeconds', '2', ...MEMORY], async (engine) => {
      await deploy(engine, 6)
      let said = ''
      await expect
        .poll(async () => {
          said = await ask(engine, 'GET default/admin/self-preservation')
          return said
        }, WITHIN)
        .toContain('"hello"')
      return said
    }),

  'Changes are refused with 500011': async ({ context }) => {
    await using disk = await mountSmallDisk(context, '24m')
    return await withEngine(['--store.path', join(disk.path, 'data'), '--log.level', 'silent'], async (engine) => {
      disk.fill()
      let said = ''
      for (let n = 0; !said.includes('"errorCode"'); n += 1) {
        const service = { serviceName: `s${n}`, description: 'x'.repeat(200) }
        said = await ask(engine, 'POST default/registry/microservices', { body: { service } })
      }
      return `${said}\n${await command(['doctor', '--url', engine.url.origin])}`
    })
  },

  'Changes are refused with 400100': () =>
    withEngine(['--quota.services', '1', ...MEMORY], async (engine) => {
      await deploy(engine, 0)
      return ask(engine, 'POST default/registry/microservices', { body: { service: { serviceName: 'other' } } })
    }),

  'The clock': ({ folder }) =>
    withEngine(['--store.path', join(folder, 'data')], ({ url }) => {
      // Of the files in the folder, this one is never written to.
      utimesSync(join(folder, 'data', 'engine.lock'), FUTURE, FUTURE)
      return command(['doctor', '--url', url.origin])
    }),
}

/** @returns what a command says that ends by itself */
async function command(args: readonly string[], variables: NodeJS.ProcessEnv = {}): Promise<string> {
  const { code, out, err } = await startCommand(args, variables).ended
  expect(code, `rollcall ${args.join(' ')} should fail`).not.toBe(0)
  return out + err
}

async function withEngine(flags: readonly string[], work: (engine: EngineProcess) => Promise<string>): Promise<string> {
  const engine = await EngineProcess.start(flags, { ROLLCALL_ROOT_PASSWORD: PASSWORD })
  try {
    return await work(engine)
  } finally {
    await engine.crash()
  }
}

interface Asked {
  readonly body?: object
  readonly as?: string
}

/** @param line method and path below `/v4/` */
async function ask({ url }: EngineProcess, line: string, { body, as = '' }: Asked = {}): Promise<string> {
  const [method = '', path = ''] = line.split(' ')
  const init = { method, ...(body && { body: JSON.stringify(body) }), headers: { 'X-Auth-Token': as } }
  return (await fetch(new URL(`/v4/${path}`, url), init)).text()
}

async function token(engine: EngineProcess, name: string): Promise<string> {
  return JSON.parse(await ask(engine, 'POST token', { body: { name, password: PASSWORD } })).token
}

async function deploy(engine: EngineProcess, count: number): Promise<void> {
  const instances = Array.from({ length: count }, (_, n) => ({ instanceId: `i${n}`, hostName: 'host' }))
  const body = { service: { serviceId: 's', serviceName: 'hello' }, instances }
  await ask(engine, 'POST default/registry/microservices', { body })
}
