import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { EngineProcess } from '../conformance/wire/engine-process.ts'

let folder: string
let engine: EngineProcess

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rollcall-retire-'))
  await start()
})

afterEach(async () => {
  await engine.crash()
  await rm(folder, { recursive: true, force: true })
})

async function start(): Promise<void> {
  engine = await EngineProcess.start(['--store.path', folder, '--retire.minAgeHours', '0'])
}

// biome-ignore lint/suspicious/noExplicitAny: answers of all routes
async function call(line: string, body?: object): Promise<any> {
  const [method = '', path = ''] = line.split(' ')
  const content = body === undefined ? {} : { body: JSON.stringify(body) }
  const response = await fetch(new URL(`/v4/default${path}`, engine.url), { method, ...content })
  const text = await response.text()
  expect(response.status, text).toBe(200)
  return text === '' ? {} : JSON.parse(text)
}

interface Named {
  readonly serviceId: string
}

const idsOf = (services: readonly Named[]) => services.map(({ serviceId }) => serviceId)
const listed = async () => idsOf((await call('GET /registry/microservices')).services ?? [])
const contentsOf = async (id: string) => (await call(`GET /registry/microservices/${id}/schemas?withSchema=1`)).schemas

/** Five versions of one service, each with a contract of its own and one that all share; the second one has an instance. */
async function deploy(): Promise<void> {
  for (const version of ['1', '2', '3', '4', '5']) {
    const service = { serviceName: 's', serviceId: `v${version}`, version }
    await call('POST /registry/microservices', { service })
    await call(`PUT /registry/microservices/v${version}/schemas/own`, { schema: `text of ${version}` })
    await call(`PUT /registry/microservices/v${version}/schemas/shared`, { schema: 'the same for all' })
  }
  await call('POST /registry/microservices/v2/instances', { instance: { instanceId: 'i', hostName: 'h' } })
}

test('what is shown by a dry run goes for good, over a crash, and no more than that', async () => {
  await deploy()
  const shown = await call('POST /admin/retire', { keep: 2 })
  expect(shown).toMatchObject({ dryRun: true, keep: 2, services: { retiredCount: 2, keptCount: 3 } })
  expect(idsOf(shown.services.retired)).toEqual(['v3', 'v1'])
  expect(shown.services.kept).toMatchObject([{ serviceId: 'v2', reason: 'instances' }])
  expect(await listed()).toEqual(['v1', 'v2', 'v3', 'v4', 'v5'])

  const done = await call('POST /admin/retire', { keep: 2, dryRun: false })
  expect(done.services).toEqual(shown.services)
  expect(done.contents).toEqual({ retiredCount: 2, characters: 'text of 1text of 3'.length })
  await engine.crash()
  await start()
  expect(await listed()).toEqual(['v2', 'v4', 'v5'])
  for (const version of ['2', '4', '5']) {
    const texts = (await contentsOf(`v${version}`)).map(({ schema }: { readonly schema: string }) => schema)
    expect(texts.toSorted()).toEqual([`text of ${version}`, 'the same for all'])
  }
})

test('contents whose service went before a restart are found and removed after it, once', async () => {
  await deploy()
  await call('DELETE /registry/microservices/v1')
  await engine.crash()
  await start()
  const contents = { retiredCount: 1, characters: 'text of 1'.length }
  expect((await call('POST /admin/retire', { keep: 1000 })).contents).toEqual(contents)
  expect((await call('POST /admin/retire', { keep: 1000, dryRun: false })).contents).toEqual(contents)
  const nothing = { retiredCount: 0, characters: 0 }
  expect((await call('POST /admin/retire', { keep: 1000, dryRun: false })).contents).toEqual(nothing)
})
