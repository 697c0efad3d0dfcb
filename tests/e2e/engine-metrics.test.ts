import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { request } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text as textOf } from 'node:stream/consumers'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { EngineProcess } from '../conformance/wire/engine-process.ts'
import { CertificateFolder } from './certificates.ts'

/** What dashboards, alert rules and the document name is what an engine in use exposes, and the reverse. */

const OPERATING = new URL('../../docs/operating/', import.meta.url)
const REGISTRY = '/v4/default/registry'
const SERVICES = `${REGISTRY}/microservices`
/** Prometheus itself says where it got a sample from. */
const GIVEN = ['instance', 'job']
const REPORTS_MAX = 2000

const folder = mkdtempSync(join(tmpdir(), 'rollcall-metrics-'))
let certificates: CertificateFolder
let engine: EngineProcess
/** Labels of the samples of each family. */
const families = new Map<string, Set<string>>()

beforeAll(async () => {
  certificates = await CertificateFolder.make()
  await certificates.server('a')
  const limits = ['--quota.services', '2', '--journal.maxMegabytes', '8', '--log.level', 'silent']
  engine = await EngineProcess.start(['--store.path', join(folder, 'data'), ...certificates.flags('a'), ...limits])
  await useEverything()
  const { text } = await send('GET', '/metrics')
  for (const line of text.trimEnd().split('\n')) take(line)
})

afterAll(async () => {
  await engine.stop()
  certificates[Symbol.dispose]()
  rmSync(folder, { recursive: true, force: true })
})

async function send(method: string, path: string, body?: object) {
  const headers = { 'X-ConsumerId': 'shop' }
  const sent = request(new URL(path, engine.url), { method, headers, ca: certificates.authority.cert })
  sent.end(body === undefined ? '' : JSON.stringify(body))
  const [answer] = await once(sent, 'response')
  return { status: answer.statusCode as number, text: await textOf(answer) }
}

/** Makes that there is something to tell of every family. */
async function useEverything(): Promise<void> {
  const framework = { name: 'java-chassis', version: '2.8' }
  const service = { serviceName: 'stock', serviceId: 'stock', schemas: ['api'], framework }
  const instances = [{ instanceId: 'one', hostName: 'h' }]
  expect((await send('POST', SERVICES, { service, instances })).status).toBe(200)
  expect((await send('POST', SERVICES, { service: { serviceName: 'shop', serviceId: 'shop' } })).status).toBe(200)
  await send('GET', `${REGISTRY}/instances?appId=default&serviceName=stock`)
  await send('PUT', `${SERVICES}/stock/instances/one/heartbeat`)
  await send('PUT', `${SERVICES}/stock/instances/none/heartbeat`)
  await watchOne()
  await fillJournal()
}

/** Opens a watch, which stays, and lets it be told of an instance. */
async function watchOne(): Promise<void> {
  const url = new URL(`${SERVICES}/shop/watcher`, engine.url)
  url.protocol = 'wss:'
  const watch = new WebSocket(url, { ca: certificates.authority.cert })
  await once(watch, 'open')
  const told = once(watch, 'message')
  await send('POST', `${SERVICES}/stock/instances`, { instance: { hostName: 'h2' } })
  await told
}

/** Reports transactions that stay until the journal has no room for them, which raises an alarm. */
async function fillJournal(): Promise<void> {
  const head = { appId: 'shop', serviceName: 'order', instanceId: 'order-1' }
  const errorMessage = 'x'.repeat(50_000)
  for (let taken = 0; taken < REPORTS_MAX; taken++) {
    const txInfo = { globalTxId: `tx-${taken}`, role: 'ROOT', status: 'TRYING', errorMessage }
    if ((await send('POST', '/v2/default/csemonitor/transaction', { head, txInfo })).status !== 200) return
  }
  throw new Error('the journal took everything')
}

function take(line: string): void {
  const [, family = '', kind] = /^# TYPE (\S+) (\S+)$/.exec(line) ?? []
  if (kind !== undefined) families.set(family, new Set())
  if (line.startsWith('#')) return
  const [, name = '', labels = ''] = /^(\w+)(?:\{(.*)\})? \S+$/.exec(line) ?? []
  const known = families.get(familyOf(name))
  if (known === undefined) throw new Error(`a sample without a family: ${line}`)
  known.add('')
  for (const [, label = ''] of labels.matchAll(/(\w+)="/g)) known.add(label)
}

/** The family of a sample: parts of histograms and summaries have names of their own. */
function familyOf(name: string): string {
  return families.has(name) ? name : name.replace(/_(?:bucket|sum|count)$/, '')
}

/** Families and labels that an expression of PromQL names; `shown` are texts with `{{label}}` or `$labels.label`. */
function namesIn(expression: string, shown: string) {
  const names = [...expression.matchAll(/\b(?:rollcall|service_center|process|nodejs)_\w+/g)].map(([name]) => name)
  const groups = [...expression.matchAll(/\b(?:by|on) \(([\w, ]*)\)/g)].flatMap(([, list = '']) => list.split(', '))
  const matched = [...expression.matchAll(/[{,](\w+)(?:=~|!~|!=|=)"/g)].map(([, label = '']) => label)
  const said = [...shown.matchAll(/\{\{(\w+)\}\}|\$labels\.(\w+)/g)].map(([, one, other]) => one ?? other ?? '')
  return { names: names.map(familyOf), labels: [...groups, ...matched, ...said] }
}

/** Expects that there are samples of all that is named, with the labels. */
function expectExposed(expression: string, shown: string): void {
  const { names, labels } = namesIn(expression, shown)
  for (const name of names) expect(families.get(name) ?? new Set(), `${name} in ${expression}`).toContain('')
  const known = [...GIVEN, ...names.flatMap((name) => [...(families.get(name) ?? [])])]
  for (const label of labels) expect(known, `labels of ${expression}`).toContain(label)
}

const read = (name: string) => readFileSync(new URL(name, OPERATING), 'utf8')

interface Panel {
  readonly title: string
  readonly targets: readonly { readonly expr: string; readonly legendFormat: string }[]
}

const panels = (JSON.parse(read('grafana-engine.json')) as { readonly panels: readonly Panel[] }).panels
const rules = [...read('alerts.yml').matchAll(/- alert: (\w+)\n +expr: (.+)\n([\s\S]+?)(?=\n +- alert|$)/g)]

test.each(panels.map(({ title, targets }) => [title, targets] as const))(
  'the panel "%s" has something to show',
  (_, targets) => {
    expect(targets.length).toBeGreaterThan(0)
    for (const { expr, legendFormat } of targets) expectExposed(expr, legendFormat)
  },
)

test.each(rules.map(([, name, expression, rest]) => [name, expression, rest] as const))(
  'the alert %s is about what there is, and says what to do',
  (_, expression = '', rest = '') => {
    expectExposed(expression, rest)
    expect(rest).toMatch(/severity: (?:critical|warning|info) \}/)
    expect(rest).toMatch(/summary: ".+"\n +action: >-\n.{40,}/)
  },
)

test('each alert rule of the file is among those looked at, and has a row in their own test', () => {
  const named = [...read('alerts.yml').matchAll(/- alert: (\w+)/g)].map(([, name]) => name)
  expect(rules.map(([, name]) => name)).toEqual(named)
  for (const name of named) expect(read('alerts-test.yml')).toContain(`alertname="${name}"`)
})

test('the document lists exactly what is exposed, with its labels', () => {
  const rows = read('watch.md').matchAll(/^\| (`[^|]+`) \| ([^|]*) ?\| [^|]+ \|$/gm)
  const listed = [...rows].flatMap(([, names = '', labels = '']) => {
    const words = [...labels.matchAll(/`(\w+)`/g)].map(([, label = '']) => label)
    return [...names.matchAll(/`(\w+)`/g)].map(([, name = '']) => [name, words.sort()] as const)
  })
  const shown = [...families].map(([name, labels]) => {
    expect(labels, `samples of ${name}`).toContain('')
    return [name, [...labels].filter((label) => !['', 'le', 'instance'].includes(label)).sort()] as const
  })
  expect(Object.fromEntries(listed)).toEqual(Object.fromEntries(shown))
})

const hasPromtool = spawnSync('promtool', ['--version']).status === 0

test('Prometheus takes the metrics and the rules, and raises what it should', async ({ skip }) => {
  if (!hasPromtool) skip('no promtool here')
  const { text } = await send('GET', '/metrics')
  const run = (args: readonly string[], input = '') =>
    spawnSync('promtool', args, { cwd: new URL(OPERATING), input, encoding: 'utf8' })
  for (const args of [
    ['check', 'rules', 'alerts.yml'],
    ['test', 'rules', 'alerts-test.yml'],
  ]) {
    const { status, stdout, stderr } = run(args)
    expect(`${status} ${stdout}${stderr}`).toMatch(/^0 /)
  }
  // Names of Service Center are not what Prometheus would advise, so only what it cannot read counts.
  expect(run(['check', 'metrics'], text).stderr).not.toMatch(/error while linting|parsing/)
})
