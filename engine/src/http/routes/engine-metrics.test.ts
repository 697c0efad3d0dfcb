import { expect, test } from 'vitest'
import { useEngine } from '../../test-engine.ts'

const engine = useEngine()
const { send } = engine
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
