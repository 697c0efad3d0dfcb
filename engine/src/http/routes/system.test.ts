import { describe, expect, test } from 'vitest'
import { useEngine } from '../../test-engine.ts'

const engine = useEngine({ perTest: true })
const { call, clock } = engine

describe('version and health', () => {
  test.each(['/version', '/v4/default/registry/version'])('%s', async (path) => {
    const { status, json } = await call('GET', path)
    expect(status).toBe(200)
    expect(json.arch).toBe(process.arch === 'x64' ? 'amd64' : process.arch)
    expect(json).toMatchObject({ version: engine.running.version, apiVersion: expect.stringMatching(/^\d+\.0\.0$/) })
  })

  test.each(['/health', '/v4/default/registry/health'])('%s names this engine where clients reach it', async (path) => {
    const { status, json } = await call('GET', path)
    expect(status).toBe(200)
    expect(json.instances).toHaveLength(1)
    expect(json.instances[0].endpoints).toEqual([`${engine.url.replace('http', 'rest')}/`])
  })

  test('ready while it runs', async () => {
    expect(await call('GET', '/v4/default/registry/health/readiness')).toEqual({
      status: 200,
      json: { status: 'READY' },
    })
  })

  test("the engine's own services are listed only when asked for, and stay", async () => {
    const list = (search = '') => call('GET', `/v4/default/registry/microservices${search}`)
    expect((await list()).json).toEqual({})
    const { services } = (await list('?withShared=1')).json
    expect(services.map(({ serviceName }: { serviceName: string }) => serviceName).sort()).toEqual([
      'CseMonitoring',
      'SERVICECENTER',
    ])
    const own = `/v4/default/registry/microservices/${services[0].serviceId}`
    expect((await call('DELETE', `${own}?force=1`)).json).toMatchObject({
      errorCode: '400001',
      detail: 'not allow to delete service center',
    })
  })
})

describe('self-preservation for operators', () => {
  const BASE = '/v4/default/admin/self-preservation'

  async function silence(): Promise<string> {
    const instances = Array.from({ length: 10 }, () => ({ hostName: 'h' }))
    const body = { service: { serviceName: 's', environment: 'testing' }, instances }
    const { serviceId } = (await call('POST', '/v4/default/registry/microservices', body)).json
    clock.advance(121_000)
    return serviceId
  }

  test('shows what is held, since when and until when', async () => {
    expect((await call('GET', BASE)).json).toEqual({ services: [] })
    const serviceId = await silence()
    const { services } = (await call('GET', BASE)).json
    expect(services).toEqual([
      {
        serviceId,
        environment: 'testing',
        appId: 'default',
        serviceName: 's',
        version: '0.0.1',
        instances: 10,
        silent: 10,
        since: '1700000120',
        until: '1700000240',
      },
    ])
    expect((await call('GET', '/v4/other/admin/self-preservation')).json).toEqual({ services: [] })
  })

  test('is ended on request, once', async () => {
    const serviceId = await silence()
    expect((await call('DELETE', `${BASE}/${serviceId}`)).status).toBe(200)
    clock.advance(6000)
    expect((await call('GET', `/v4/default/registry/microservices/${serviceId}/instances`)).json).toEqual({})
    expect((await call('DELETE', `${BASE}/unknown`)).json).toMatchObject({ errorCode: '400012' })
  })
})
