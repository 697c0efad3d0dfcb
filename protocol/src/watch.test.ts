import { expect, test } from 'vitest'
import { INSTANCE_GONE_CODE, INSTANCE_GONE_REASON, UNKNOWN_SERVICE_FRAME, watchFrame, watchKey } from './watch.ts'

test('a frame has action, key and instance in this order', () => {
  const key = watchKey({ version: '1.0.0', serviceName: 'p', tenant: 'default/default', appId: 'default', alias: '' })
  expect(watchFrame('CREATE', key, '{"instanceId":"i"}')).toBe(
    '{"action":"CREATE","key":{"tenant":"default/default","appId":"default","serviceName":"p","version":"1.0.0"},"instance":{"instanceId":"i"}}',
  )
})

test('the words and codes that clients look for', () => {
  expect(UNKNOWN_SERVICE_FRAME).toBe('service does not exist')
  expect(INSTANCE_GONE_CODE).toBe(4001)
  expect(INSTANCE_GONE_REASON).toBe('heartbeat reporting failed because the instance does not exist')
  // A close frame holds at most 123 bytes of reason.
  expect(Buffer.byteLength(INSTANCE_GONE_REASON)).toBeLessThanOrEqual(123)
})
