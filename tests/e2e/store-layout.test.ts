import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startEngine } from '@rollcall/engine/engine'
import { ManualClock } from '@rollcall/engine/kernel/manual-clock'
import { loadSettings } from '@rollcall/engine/settings'
import { LmdbStore } from '@rollcall/engine/storage/lmdb/lmdb-store'
import { afterEach, beforeEach, expect, test } from 'vitest'

/*
 * Operators move between Service Center and this engine on one store: what lies there is compared with what Service
 * Center writes for the same requests, to the letter.
 */

const QUIET = { error() {}, warn() {}, info() {} }
const ID = '41abb05748dfdb450f5389914266761651495fb6'
const TENANT = 'default/default'

let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rollcall-layout-'))
})

afterEach(() => rmSync(folder, { recursive: true }))

const SESSION: readonly (readonly [line: string, body: object])[] = [
  [
    'POST /microservices',
    { service: { appId: 'shop', serviceName: 'cart', version: '1.0.0', environment: 'development', alias: 'c' } },
  ],
  [
    `POST /microservices/${ID}/instances`,
    { instance: { instanceId: 'i', hostName: 'h1', endpoints: ['rest://10.0.0.1:8080'] } },
  ],
  [`POST /microservices/${ID}/tags`, { tags: { colour: 'blue' } }],
  [`PUT /microservices/${ID}/schemas/hello`, { schema: 'content', summary: 'short' }],
  ['POST /microservices', { service: { serviceName: 'web', serviceId: 'web' } }],
  [
    'POST /dependencies',
    {
      dependencies: [
        {
          consumer: { appId: 'default', serviceName: 'web', version: '0.0.1' },
          providers: [{ appId: 'default', serviceName: 'web', version: '0.0.1' }],
        },
      ],
    },
  ],
]

/** What a session leaves on the disk. */
async function play(): Promise<ReadonlyMap<string, string>> {
  const clock = new ManualClock()
  const flags = ['--server.port', '0', '--store.path', folder, '--server.drainSeconds', '0']
  const engine = await startEngine(loadSettings(flags, {}), { log: QUIET, clock })
  for (const [line, body] of SESSION) {
    const [method = '', path = ''] = line.split(' ')
    const url = `${engine.url}/v4/default/registry${path}`
    const response = await fetch(url, { method, body: JSON.stringify(body) })
    expect(response.status, `${line}: ${await response.text()}`).toBe(200)
  }
  await engine.close()
  const store = new LmdbStore({ path: folder, clock })
  await store.open()
  const found = new Map<string, string>()
  for await (const page of store.read('/')) for (const { key, value } of page) found.set(key, value)
  await store.close()
  return found
}

const SERVICE =
  `{"serviceId":"${ID}","appId":"shop","serviceName":"cart","version":"1.0.0","level":"BACK","schemas":["hello"],` +
  '"status":"UP","timestamp":"1700000000","alias":"c","modTimestamp":"1700000000","environment":"development"}'
const INSTANCE =
  `{"instanceId":"i","serviceId":"${ID}","endpoints":["rest://10.0.0.1:8080"],"hostName":"h1","status":"UP",` +
  '"healthCheck":{"mode":"push","interval":30,"times":3},"timestamp":"1700000000","modTimestamp":"1700000000","version":"1.0.0"}'
const rule = (version: string) =>
  `{"Dependency":[{"tenant":"${TENANT}","appId":"default","serviceName":"web","version":"${version}"}]}`
const HASH = '318dedfff45be378b7af01821303dc23'

test('keys and values are those of Service Center', async () => {
  const found = await play()
  expect(Object.fromEntries(found)).toMatchObject({
    '/cse-sr/domains/default': '',
    [`/cse-sr/projects/${TENANT}`]: '',
    [`/cse-sr/ms/files/${TENANT}/${ID}`]: SERVICE,
    [`/cse-sr/ms/indexes/${TENANT}/development/shop/cart/1.0.0`]: ID,
    [`/cse-sr/ms/indexes/${TENANT}//default/web/0.0.1`]: 'web',
    [`/cse-sr/ms/alias/${TENANT}/development/shop/c/1.0.0`]: ID,
    [`/cse-sr/ms/tags/${TENANT}/${ID}`]: '{"colour":"blue"}',
    [`/cse-sr/ms/schema-ref/${TENANT}/${ID}/hello`]: HASH,
    [`/cse-sr/ms/schema-sum/${TENANT}/${ID}/hello`]: 'short',
    [`/cse-sr/ms/schema-content/${TENANT}/${HASH}`]: 'content',
    [`/cse-sr/ms/dep-rules/${TENANT}/c//default/web/0.0.1`]: rule('0.0.0+'),
    [`/cse-sr/ms/dep-rules/${TENANT}/p//default/web/0.0.0+`]: rule('0.0.1'),
    [`/cse-sr/inst/files/${TENANT}/${ID}/i`]: INSTANCE,
    [`/cse-sr/inst/leases/${TENANT}/${ID}/i`]: expect.stringMatching(/^\d+$/),
  })
  // Nothing has a place that Service Center does not know.
  const kinds = new Set([...found.keys()].map((key) => key.split('/').slice(1, 4).join('/')))
  expect([...kinds].sort()).toEqual([
    'cse-sr/domains/default',
    'cse-sr/inst/files',
    'cse-sr/inst/leases',
    'cse-sr/ms/alias',
    'cse-sr/ms/dep-rules',
    'cse-sr/ms/files',
    'cse-sr/ms/indexes',
    'cse-sr/ms/schema-content',
    'cse-sr/ms/schema-ref',
    'cse-sr/ms/schema-sum',
    'cse-sr/ms/tags',
    'cse-sr/projects/default',
  ])
})
