import { describe, expect, test } from 'vitest'
import { checkObject } from './check.ts'
import { INSTANCE, MICROSERVICE } from './documents.ts'
import type { ObjectShape } from './shape.ts'

/** The name of the field that is refused; undefined when all is well. */
function refused(shape: ObjectShape, document: object): string | undefined {
  return /^field '([^']+)'/.exec(checkObject(shape, document as Record<string, unknown>) ?? '')?.[1]
}

const long = (length: number) => 'a'.repeat(length)

describe('services', () => {
  const GOOD = { serviceName: 'svc' }

  test.each([
    ['nothing but a name', {}],
    ['empty texts where a default comes in', { appId: '', version: '', level: '' }],
    ['the longest id', { serviceId: long(64) }],
    ['the longest application', { appId: long(160) }],
    ['the longest name', { serviceName: long(128) }],
    ['four parts of a version', { version: '1.2.3.4' }],
    ['the longest description, any characters', { description: '天'.repeat(256) }],
    ['a hundred schemas', { schemas: Array.from({ length: 100 }, (_, n) => `s${n}`) }],
    ['paths with properties', { paths: [{ path: '/a/{id}', property: { a: '' } }] }],
    ['any properties', { properties: { '': '', 'a b': '\n' } }],
    ['an alias with a colon', { alias: 'app:svc' }],
    ['a framework without a name', { framework: { version: '1' } }],
    ['unknown times and providers', { timestamp: 'x', modTimestamp: 'y', providers: [{ serviceName: '@' }] }],
  ])('%s is taken', (_, change) => {
    expect(refused(MICROSERVICE, { ...GOOD, ...change })).toBeUndefined()
  })

  test.each([
    ['MicroService.ServiceId', { serviceId: long(65) }],
    ['MicroService.ServiceId', { serviceId: 'a b' }],
    ['MicroService.AppId', { appId: long(161) }],
    ['MicroService.AppId', { appId: '-' }],
    ['MicroService.ServiceName', { serviceName: '' }],
    ['MicroService.ServiceName', { serviceName: long(129) }],
    ['MicroService.ServiceName', { serviceName: 'a:b' }],
    ['MicroService.Version', { version: '1.x' }],
    ['MicroService.Description', { description: long(257) }],
    ['MicroService.Level', { level: 'TOP' }],
    ['MicroService.Schemas', { schemas: Array.from({ length: 101 }, (_, n) => `s${n}`) }],
    ['MicroService.Schemas', { schemas: ['-'] }],
    ['ServicePath.Path', { paths: [{ path: '/a b' }] }],
    ['MicroService.Status', { status: 'GONE' }],
    ['MicroService.Alias', { alias: long(129) }],
    ['MicroService.Alias', { alias: 'a b' }],
    ['MicroService.Environment', { environment: 'prod' }],
    ['MicroService.RegisterBy', { registerBy: 'me' }],
    ['FrameWork.Name', { framework: { name: long(65) } }],
    ['FrameWork.Version', { framework: { version: long(65) } }],
  ])('%s is refused in %j', (field, change) => {
    expect(refused(MICROSERVICE, { ...GOOD, ...change })).toBe(field)
  })

  test('the example of Service Center is refused in its very words', () => {
    expect(checkObject(MICROSERVICE, { serviceName: '@' })).toBe(
      "field 'MicroService.ServiceName' invalid value '@' does not match rule: " +
        '{Min: 1, Max: 128, Regexp: ^[a-zA-Z0-9]*$|^[a-zA-Z0-9][a-zA-Z0-9_\\-.]*[a-zA-Z0-9]$}',
    )
  })
})

describe('instances', () => {
  const GOOD = { hostName: 'host' }
  const CENTER = { name: 'dc', region: 'r', availableZone: 'z' }

  test.each([
    ['nothing but a host', {}],
    ['the longest id', { instanceId: long(64) }],
    ['no endpoints', { endpoints: [] }],
    ['an endpoint with spaces around', { endpoints: [' rest://a '] }],
    ['every state', { status: 'OUTOFSERVICE' }],
    ['no state', { status: '' }],
    [
      'a health check at its limits',
      { healthCheck: { mode: 'pull', port: 65_535, interval: 2_147_483_647, times: 0 } },
    ],
    ['a data center', { dataCenterInfo: CENTER }],
  ])('%s is taken', (_, change) => {
    expect(refused(INSTANCE, { ...GOOD, ...change })).toBeUndefined()
  })

  test.each([
    ['MicroServiceInstance.InstanceId', { instanceId: long(65) }],
    ['MicroServiceInstance.InstanceId', { instanceId: 'a/b' }],
    ['MicroServiceInstance.Endpoints', { endpoints: ['rest://a', ' '] }],
    ['MicroServiceInstance.HostName', { hostName: '' }],
    ['MicroServiceInstance.HostName', { hostName: long(65) }],
    ['MicroServiceInstance.Status', { status: 'up' }],
    ['HealthCheck.Mode', { healthCheck: { interval: 30, times: 3 } }],
    ['HealthCheck.Port', { healthCheck: { mode: 'push', port: 65_536, interval: 1 } }],
    ['HealthCheck.Port', { healthCheck: { mode: 'push', port: -1, interval: 1 } }],
    ['HealthCheck.Interval', { healthCheck: { mode: 'push', interval: 0 } }],
    ['HealthCheck.Times', { healthCheck: { mode: 'push', interval: 1, times: -1 } }],
    ['HealthCheck.Url', { healthCheck: { mode: 'push', interval: 1, url: 'a b' } }],
    ['DataCenterInfo.Name', { dataCenterInfo: { ...CENTER, name: '' } }],
    ['DataCenterInfo.Region', { dataCenterInfo: { ...CENTER, region: long(129) } }],
    ['DataCenterInfo.AvailableZone', { dataCenterInfo: { name: 'a', region: 'b' } }],
  ])('%s is refused in %j', (field, change) => {
    expect(refused(INSTANCE, { ...GOOD, ...change })).toBe(field)
  })
})
