import { beforeEach, expect, test } from 'vitest'
import { useEngine } from '../../test-engine.ts'

const { call } = useEngine({ base: '/v4/default' })

beforeEach(async () => {
  for (const version of ['1.0', '2.0', '3.0', '4.0', '5.0']) {
    const service = { serviceName: 's', serviceId: version, version, environment: 'testing' }
    await call('POST', '/registry/microservices', { service })
  }
  await call('PUT', '/registry/microservices/1.0/schemas/a', { schema: 'hello' })
  await call('POST', '/registry/microservices/2.0/instances', { instance: { hostName: 'h' } })
})

const about = (version: string) => ({
  serviceId: version,
  environment: 'testing',
  appId: 'default',
  serviceName: 's',
  version,
})
const left = async () => {
  const { services } = (await call('GET', '/registry/microservices')).json
  return services.map(({ serviceId }: { readonly serviceId: string }) => serviceId).sort()
}

test('nothing goes unless it is said to be no dry run; the report is the same', async () => {
  const services = {
    retiredCount: 1,
    keptCount: 4,
    retired: [about('1.0')],
    kept: [{ ...about('2.0'), reason: 'instances' }],
  }
  const asked = { minAgeHours: 0 }
  expect(await call('POST', '/admin/retire', asked)).toEqual({
    status: 200,
    json: { dryRun: true, keep: 3, minAgeHours: 0, services, contents: { retiredCount: 0, characters: 0 } },
  })
  expect(await left()).toHaveLength(5)
  expect(await call('POST', '/admin/retire', { ...asked, dryRun: false })).toEqual({
    status: 200,
    json: { dryRun: false, keep: 3, minAgeHours: 0, services, contents: { retiredCount: 1, characters: 5 } },
  })
  expect(await left()).toEqual(['2.0', '3.0', '4.0', '5.0'])
})

test('what is young stays by default', async () => {
  const { json } = await call('POST', '/admin/retire', { dryRun: false, keep: 1 })
  expect(json.services).toMatchObject({ retiredCount: 0, keptCount: 5 })
  expect(json.services.kept.map(({ reason }: { readonly reason: string }) => reason)).toEqual([
    ...['recent', 'recent'],
    ...['instances', 'recent'],
  ])
})

test.each([
  [{ keep: 0 }, 'RetireRequest.Keep'],
  [{ keep: 1001 }, 'RetireRequest.Keep'],
  [{ minAgeHours: -1 }, 'RetireRequest.MinAgeHours'],
  [{ keep: 'x' }, 'keep'],
  [{ dryRun: 'no' }, 'dryRun'],
])('%j is refused by name', async (body, field) => {
  const { status, json } = await call('POST', '/admin/retire', { dryRun: false, ...body })
  expect([status, json.errorCode]).toEqual([400, '400001'])
  expect(json.detail).toContain(field)
  expect(await left()).toHaveLength(5)
})
