import { expect, test } from 'vitest'
import { useEngine } from '../../test-engine.ts'

const engine = useEngine()
const { send } = engine
const PATH = '/v4/:project/registry/microservices'
const SERVICES = '/v4/default/registry/microservices'

/** The value of a sample, by its name and a part of its labels. */
async function sampleOf(name: string, label = ''): Promise<number | undefined> {
  const { text } = await send('GET', '/metrics')
  const line = text
    .split('\n')
    .find((one) => one.startsWith(name) && /^[{ ]/.test(one.slice(name.length)) && one.includes(label))
  return line === undefined ? undefined : Number(line.slice(line.lastIndexOf(' ')))
}

test('is in the form that Prometheus reads: each family says what it is before its samples, once', async () => {
  const { status, headers, text } = await send('GET', '/metrics')
  expect([status, headers.get('content-type')]).toEqual([200, expect.stringContaining('text/plain')])
  const lines = text.trimEnd().split('\n')
  const types = lines.filter((line) => line.startsWith('# TYPE ')).map((line) => line.split(' ')[2])
  expect(new Set(types).size).toBe(types.length)
  let family = ''
  for (const line of lines) {
    if (line.startsWith('# TYPE ')) family = line.split(' ')[2] ?? ''
    if (line.startsWith('#')) continue
    expect(line).toMatch(
      /^[a-z_]+(?:\{[a-z_]+="[^"]*"(?:,[a-z_]+="[^"]*")*\})? (?:\d+(?:\.\d+)?(?:e[+-]\d+)?|\+Inf|NaN)$/,
    )
    expect(line.startsWith(family), line).toBe(true)
  }
})

test('requests are counted by domain, and a domain in which nobody has anything is not named', async () => {
  await send('POST', SERVICES, { body: { service: { serviceName: 's', serviceId: 's' } } })
  await send('GET', SERVICES)
  for (let round = 0; round < 3; round++) await send('GET', SERVICES, { tenant: 'made-up' })
  const counted = (domain: string) =>
    sampleOf(
      'service_center_http_request_total',
      `method="GET",code="200",instance="${new URL(engine.url).host}",api="${PATH}",domain="${domain}"`,
    )
  expect(await counted(engine.tenant)).toBe(1)
  expect(await counted('(others)')).toBeGreaterThanOrEqual(3)
  expect(await counted('made-up')).toBeUndefined()
})

test('answers to finds that are kept have a size until something changes', async () => {
  const cache = 'service_center_local_cache_size_bytes'
  const service = { serviceName: 's', serviceId: 's' }
  await send('POST', SERVICES, { body: { service, instances: [{ instanceId: 'i', hostName: 'h' }] } })
  const before = (await sampleOf(cache)) ?? Number.NaN
  const { text } = await send('GET', '/v4/default/registry/instances?appId=default&serviceName=s')
  expect(await sampleOf(cache)).toBe(before + Buffer.byteLength(text))
  await send('DELETE', `${SERVICES}/s/instances/i`)
  expect(await sampleOf(cache)).toBe(before)
})

test('counts services, instances, heartbeats and requests by their rows', async () => {
  const service = { serviceName: 'counted', serviceId: 'counted' }
  await send('POST', SERVICES, { body: { service, instances: [{ instanceId: 'i', hostName: 'h' }] } })
  await send('PUT', `${SERVICES}/counted/instances/i/heartbeat`)
  await send('PUT', `${SERVICES}/counted/instances/none/heartbeat`)
  expect(await sampleOf('service_center_db_service_total', `domain="${engine.tenant}"`)).toBe(1)
  expect(await sampleOf('service_center_db_instance_total', `domain="${engine.tenant}"`)).toBe(1)
  expect(await sampleOf('service_center_db_heartbeat_total', 'status="success"')).toBe(1)
  expect(await sampleOf('service_center_db_heartbeat_total', 'status="failure"')).toBe(1)
  expect(await sampleOf('rollcall_leases')).toBeGreaterThanOrEqual(1)
  expect(await sampleOf('rollcall_store_commit_duration_seconds_count')).toBeGreaterThan(0)
  const { text } = await send('GET', '/metrics')
  const beats = text.split('\n').filter((line) => line.includes('/heartbeat"') && line.includes('400'))
  expect(beats.length).toBeGreaterThan(0)
})
