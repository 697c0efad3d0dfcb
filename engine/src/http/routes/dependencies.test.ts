import { beforeEach, describe, expect, test } from 'vitest'
import { useEngine } from '../../test-engine.ts'

const { call, send } = useEngine({ base: '/v4/default/registry' })

beforeEach(async () => {
  for (const serviceName of ['c', 'p', 'q']) {
    await call('POST', '/microservices', { service: { serviceName, serviceId: serviceName } })
  }
})

const key = (serviceName: string) => ({ appId: 'default', serviceName, version: '0.0.1' })
async function declare(method: 'POST' | 'PUT', consumer: string, providers: readonly string[]) {
  const body = { dependencies: [{ consumer: key(consumer), providers: providers.map(key) }] }
  const { status, headers, json } = await send(method, '/dependencies', { body })
  return { status, deprecation: headers.get('deprecation'), json }
}

async function related(path: string): Promise<string[]> {
  const { json } = await call('GET', `/microservices/${path}`)
  const [list = []] = Object.values(json) as { serviceName: string }[][]
  return list.map(({ serviceName }) => serviceName)
}

test('POST adds, PUT replaces, both are seen at once from both ends', async () => {
  expect(await declare('POST', 'c', ['p'])).toEqual({ status: 200, deprecation: 'version="v4"', json: undefined })
  expect(await declare('POST', 'c', ['q'])).toMatchObject({ status: 200 })
  expect(await related('c/providers')).toEqual(['p', 'q'])
  expect(await declare('PUT', 'c', ['q'])).toMatchObject({ status: 200, deprecation: 'version="v4"' })
  expect(await related('c/providers')).toEqual(['q'])
  expect(await related('p/consumers')).toEqual([])
  expect(await related('q/consumers')).toEqual(['c'])
  expect(await declare('PUT', 'c', [])).toMatchObject({ status: 200 })
  expect((await call('GET', '/microservices/c/providers')).json).toEqual({})
})

test('oneself is left out only on the exact request', async () => {
  await declare('POST', 'c', ['c', 'p'])
  expect(await related('c/providers')).toEqual(['c', 'p'])
  expect(await related('c/providers?noSelf=1')).toEqual(['p'])
  expect(await related('c/providers?noSelf=true')).toEqual(['c', 'p'])
  expect(await related('c/consumers?noSelf=1')).toEqual([])
})

describe('refusals', () => {
  test.each([
    {
      what: 'an unknown consumer',
      reply: () => declare('POST', 'x', ['p']),
      code: '400012',
      words: 'Consumer /default/x/0.0.1 does not exist.',
    },
    {
      what: 'a provider named twice',
      reply: () => declare('PUT', 'c', ['p', 'p']),
      code: '400001',
      words: 'Invalid request body for provider info.Duplicate',
    },
    {
      what: 'adding nothing',
      reply: () => declare('POST', 'c', []),
      code: '400001',
      words: "field 'ConsumerDependency.Providers'",
    },
  ])('$what', async ({ reply, code, words }) => {
    const { status, deprecation, json } = await reply()
    expect([status, json.errorCode, deprecation]).toEqual([400, code, null])
    expect(json.detail).toContain(words)
  })

  test.each([
    ['providers', 'Consumer does not exist'],
    ['consumers', 'Provider does not exist'],
  ])('%s of an unknown service', async (list, detail) => {
    expect((await call('GET', `/microservices/x/${list}`)).json).toMatchObject({ errorCode: '400012', detail })
  })
})
