import type { Answer } from '@rollcall/engine/test-engine'
import { useEngine } from '@rollcall/engine/test-engine'
import fc from 'fast-check'
import { expect, test } from 'vitest'

/*
 * Random requests to a running engine, each answer compared with a model of two maps. Every write must show in the
 * next find, and the revision must change exactly when the list does, by every rule for versions.
 */

const VERSIONS = ['1.0.0', '2.0.0']
const STATES = ['UP', 'DOWN', 'STARTING', 'TESTING', 'OUTOFSERVICE']

/** Rules for versions, and which of them each allows; the latest depends on what there is. */
const RULES: Readonly<Record<string, readonly string[]>> = {
  '': VERSIONS,
  '1.0.0': ['1.0.0'],
  '2.0+': ['2.0.0'],
  '1.0-2.0': ['1.0.0'],
  '3.0+': [],
  latest: [],
}

const { send } = useEngine({ base: '/v4/default/registry', flags: ['--discovery.versionRules', 'apply'] })
let tenants = 0

/** What a tenant has: the versions of one service, and the states of their instances. */
interface Model {
  readonly tenant: string
  readonly versions: Set<string>
  /** State and version by instance id. */
  readonly instances: Map<string, { status: string; readonly version: string }>
}

interface Command {
  readonly name: 'create' | 'remove' | 'register' | 'unregister' | 'status' | 'beat'
  readonly version: string
  readonly instance: string
  readonly status: string
}

const commands = fc.array(
  fc.record({
    name: fc.constantFrom<Command['name']>('create', 'remove', 'register', 'register', 'unregister', 'status', 'beat'),
    version: fc.constantFrom(...VERSIONS),
    instance: fc.constantFrom('a', 'b', 'c'),
    status: fc.constantFrom(...STATES),
  }),
  { minLength: 5, maxLength: 25 },
)

/** @param line method and path, as in the first line of a request */
function call({ tenant }: Model, line: string, body?: object): Promise<Answer> {
  const [method = '', path = ''] = line.split(' ')
  return send(method, path, { body, tenant })
}

/** Sends a command and applies it to the model. @returns status as answered and as expected */
async function run(model: Model, { name, version, instance, status }: Command): Promise<readonly [number, number]> {
  const isThere = model.versions.has(version)
  const key = `${version}-${instance}`
  const known = model.instances.get(key)
  const at = `/microservices/${version}/instances`
  switch (name) {
    case 'create': {
      model.versions.add(version)
      const service = { serviceName: 'p', version, serviceId: version }
      return [(await call(model, 'POST /microservices', { service })).status, 200]
    }
    case 'remove': {
      model.versions.delete(version)
      for (const [id, { version: own }] of model.instances) if (own === version) model.instances.delete(id)
      return [(await call(model, `DELETE /microservices/${version}?force=1`)).status, isThere ? 200 : 400]
    }
    case 'register': {
      if (isThere && known === undefined) model.instances.set(key, { status: 'UP', version })
      const response = await call(model, `POST ${at}`, { instance: { instanceId: key, hostName: 'h' } })
      return [response.status, isThere ? 200 : 400]
    }
    case 'unregister':
      model.instances.delete(key)
      return [(await call(model, `DELETE ${at}/${key}`)).status, known === undefined ? 400 : 200]
    case 'status':
      if (known !== undefined) known.status = status
      return [(await call(model, `PUT ${at}/${key}/status?value=${status}`)).status, known === undefined ? 400 : 200]
    case 'beat':
      return [(await call(model, `PUT ${at}/${key}/heartbeat`)).status, known === undefined ? 400 : 200]
  }
}

/** What a find by this rule must show. */
function expectedBy(rule: string, { versions, instances }: Model): string[] {
  const started = [...versions].filter((version) => [...instances.values()].some((known) => known.version === version))
  const latest = (started.length > 0 ? started : [...versions]).sort().at(-1) ?? ''
  const allowed = rule === 'latest' ? [latest] : (RULES[rule] ?? [])
  const shown = [...instances].filter(([, { version }]) => allowed.includes(version))
  return shown.map(([id, { status }]) => `${id} ${status}`).sort()
}

/** What a find answers, in the model's words. */
async function find(
  model: Model,
  { rev, rule }: { readonly rev: string; readonly rule: string },
): Promise<{ status: number; revision: string; list: string[] }> {
  const version = encodeURIComponent(rule)
  const response = await call(model, `GET /instances?appId=default&serviceName=p&version=${version}&rev=${rev}`)
  const revision = response.headers.get('x-resource-revision') ?? ''
  if (response.status !== 200) return { status: response.status, revision, list: [] }
  const { instances } = response.json as { instances: { instanceId: string; status: string }[] }
  return { status: 200, revision, list: instances.map(({ instanceId, status }) => `${instanceId} ${status}`) }
}

test('whatever is done, the next find shows exactly that', async () => {
  await fc.assert(
    fc.asyncProperty(commands, fc.constantFrom(...Object.keys(RULES)), async (sequence, rule) => {
      const model: Model = { tenant: `model-${tenants++}`, versions: new Set(), instances: new Map() }
      let rev = ''
      let before: string | undefined
      for (const command of sequence) {
        const [answered, expected] = await run(model, command)
        expect(answered, JSON.stringify(command)).toBe(expected)
        const shown = expectedBy(rule, model)
        const found = await find(model, { rev, rule })
        if (model.versions.size === 0) expect(found.status).toBe(400)
        else {
          expect(found.status === 304, JSON.stringify(command)).toBe(shown.join() === before)
          if (found.status === 200) expect(found.list).toEqual(shown)
        }
        rev = model.versions.size === 0 ? '' : found.revision
        before = model.versions.size === 0 ? undefined : shown.join()
      }
    }),
    { numRuns: 60 },
  )
})
