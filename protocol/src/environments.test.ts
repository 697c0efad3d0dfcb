import { expect, test } from 'vitest'
import { checkObject } from './check.ts'
import { MICROSERVICE } from './documents.ts'
import { withFreeEnvironments } from './environments.ts'
import { FIND_BATCH } from './requests.ts'

test('a freed shape takes any environment at whatever depth, and keeps its other rules', () => {
  const batch = { services: [{ service: { environment: 'blue', appId: 'a', serviceName: 's' } }] }
  expect(checkObject(FIND_BATCH, batch)).toContain("field 'MicroServiceKey.Environment' invalid value 'blue'")
  const freed = withFreeEnvironments(FIND_BATCH)
  expect(checkObject(freed, batch)).toBeUndefined()
  expect(
    checkObject(freed, { services: [{ service: { environment: 'blue', appId: 'a', serviceName: '' } }] }),
  ).toContain("field 'MicroServiceKey.ServiceName' invalid value ''")
})

test.each(['a b', 'a/b', 'x'.repeat(129)])('%s is no environment', (environment) => {
  const service = { serviceName: 's', environment }
  const detail = `field 'MicroService.Environment' invalid value '${environment}' does not match rule: {Max: 128, Regexp: ^[^\\s/]*$}`
  expect(checkObject(withFreeEnvironments(MICROSERVICE), service)).toBe(detail)
})
