import { createHash } from 'node:crypto'

export const APP = 'interop-java'
export const SWAGGER = 'swagger: "2.0"\ninfo:\n  version: 1.0.0\n  title: hello\npaths: {}\n'
const SUMMARY = createHash('sha256').update(SWAGGER).digest('hex')
export const HELLO = { schemaId: 'hello', schema: SWAGGER, summary: SUMMARY }

/** All members that the client's class has, as it sends them. */
export const serviceOf = (serviceName: string, more: object = {}) => ({
  appId: APP,
  serviceName,
  version: '1.0.0',
  environment: 'development',
  description: 'made by a test',
  level: 'BACK',
  alias: `${APP}:${serviceName}`,
  registerBy: 'SDK',
  framework: { name: 'servicecomb-java-chassis', version: '2.8.30' },
  schemas: ['hello'],
  paths: [{ path: '/rest', property: { checksession: 'false' } }],
  status: 'UP',
  properties: { team: 'blue' },
  ...more,
})

export const instanceOf = (serviceId: string | undefined, more: object = {}) => ({
  serviceId,
  version: '1.0.0',
  hostName: 'java-host',
  endpoints: ['rest://127.0.0.1:18080'],
  status: 'UP',
  properties: { zone: 'one' },
  healthCheck: { mode: 'push', port: 0, interval: 15, times: 3 },
  dataCenterInfo: { name: 'dc', region: 'north', availableZone: 'a' },
  ...more,
})

export const keyOf = (serviceName: string) => ({ appId: APP, serviceName })
