import { OWN_TENANT } from '../../domain/registry/index.ts'
import { fail } from '../../kernel/failure.ts'
import type { Entry } from '../../storage/store.ts'
import type { Alarms } from '../alarms.ts'
import { EMPTY, json, jsonBytes } from '../answers.ts'
import type { Answer, Call, Route } from '../call.ts'
import { LongText } from '../long-text.ts'
import { may } from '../permission.ts'
import { versionInfo } from './system.ts'

interface Needs {
  readonly alarms: Alarms
  /** Everything stored below a prefix. */
  readonly read: (prefix: string) => AsyncIterable<readonly Entry[]>
  readonly version: string
  /** Address of this engine. */
  readonly url: () => string
}

const BASE = '/v4/:project/admin'

/** What a dump may show, by the name it has there. Nothing else ever gets in: other keys may hold secrets. */
const DUMPED = {
  services: '/cse-sr/ms/files/',
  serviceIndexes: '/cse-sr/ms/indexes/',
  serviceAliases: '/cse-sr/ms/alias/',
  serviceTags: '/cse-sr/ms/tags/',
  dependencyRules: '/cse-sr/ms/dep-rules/',
  summaries: '/cse-sr/ms/schema-sum/',
  instances: '/cse-sr/inst/files/',
} as const

/** For operators: alarms, the content of the registry, and where the engines are. */
export function adminRoutes(needs: Needs): Route[] {
  const at = { family: 'v4', method: 'GET' } as const
  return [
    { ...at, path: `${BASE}/alarms`, permission: may('get', 'ops'), handle: (call) => listAlarms(needs, call) },
    {
      ...at,
      method: 'DELETE',
      path: `${BASE}/alarms`,
      permission: may('delete', 'ops'),
      audit: {
        action: 'alarm.delete',
        resource: () => '',
        state: ({ tenant }) =>
          needs.alarms.list(tenant).length === 0 ? undefined : JSON.stringify(needs.alarms.list(tenant)),
      },
      handle: (call) => forgetAlarms(needs, call),
    },
    {
      ...at,
      path: `${BASE}/clusters`,
      permission: may('get', 'ops'),
      handle: () => json({ clusters: { default: [needs.url()] } }),
    },
    { ...at, path: `${BASE}/dump`, permission: may('get', 'ops'), handle: (call) => dump(needs, call) },
  ]
}

function listAlarms({ alarms }: Needs, { tenant }: Call): Answer {
  const active = alarms.list(tenant)
  return json(active.length === 0 ? {} : { alarms: active })
}

function forgetAlarms({ alarms }: Needs, { tenant }: Call): Answer {
  alarms.forget(tenant)
  return EMPTY
}

/** The records of all tenants, so only the engine's own tenant may ask. */
async function dump({ read, version }: Needs, { tenant, query }: Call): Promise<Answer> {
  if (tenant !== OWN_TENANT) fail('Forbidden', 'Required admin permission')
  const options = new Set((query.get('options') || 'cache').split(','))
  const wants = (option: string) => options.has('all') || options.has(option)
  const text = new LongText()
  const info = wants('info') ? `"info":${JSON.stringify(versionInfo(version))}` : ''
  text.add(`{${info}`)
  if (wants('cache')) {
    text.add(info === '' ? '"cache":{' : ',"cache":{')
    await addRecords(text, read)
    text.add('}')
  }
  text.add('}')
  return jsonBytes(text.bytes())
}

/** Adds a list of records under each name that has any. */
async function addRecords(text: LongText, read: Needs['read']): Promise<void> {
  let before = ''
  for (const [name, prefix] of Object.entries(DUMPED)) {
    const isAny = await text.addList(recordsOf(read(prefix)), `${before}"${name}":[`)
    if (!isAny) continue
    text.add(']')
    before = ','
  }
}

async function* recordsOf(pages: AsyncIterable<readonly Entry[]>): AsyncIterable<string> {
  for await (const page of pages) for (const entry of page) yield JSON.stringify(record(entry))
}

function record({ key, revision, value }: Entry): object {
  return { key, rev: revision, cluster: 'default', value: value.startsWith('{') ? JSON.parse(value) : value }
}
