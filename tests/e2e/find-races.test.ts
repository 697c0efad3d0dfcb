import type { Reply } from '@rollcall/engine/test-engine'
import { useEngine } from '@rollcall/engine/test-engine'
import { expect, test } from 'vitest'

/*
 * With the store on disk a commit takes a while, and requests on other connections come in between: what the memory
 * store does in one go happens in two steps here.
 */

const ROUNDS = 10

const { call, send, clock } = useEngine({ base: '/v4/default/registry', onDisk: true })

const create = (service: object) => call('POST', '/microservices', { service })
const register = (serviceId: string, instance: object = {}) =>
  call('POST', `/microservices/${serviceId}/instances`, { instance: { hostName: 'h', ...instance } })
const count = (amount: number) => Array.from({ length: amount }, (_, n) => n)
const outcome = ({ status, json }: Reply) => `${status} ${json?.errorCode ?? ''}`.trim()

test('64 who create one service at the same time all get its id', async () => {
  const replies = await Promise.all(count(64).map(() => create({ serviceName: 's', alias: 'x' })))
  expect(new Set(replies.map(outcome))).toEqual(new Set(['200']))
  expect(new Set(replies.map(({ json }) => json.serviceId)).size).toBe(1)
})

test('64 who want one service under 64 ids: one gets it', async () => {
  const replies = await Promise.all(count(64).map((n) => create({ serviceName: 's', serviceId: `id-${n}` })))
  expect(replies.filter(({ status }) => status === 200)).toHaveLength(1)
  expect(new Set(replies.map(outcome))).toEqual(new Set(['200', '400 400010']))
  expect((await call('GET', '/microservices')).json.services).toHaveLength(1)
})

test('64 who want one alias for 64 services: all get the service that owns it', async () => {
  const replies = await Promise.all(count(64).map((n) => create({ serviceName: `s${n}`, alias: 'x' })))
  expect(new Set(replies.map(({ json }) => json.serviceId)).size).toBe(1)
  expect((await call('GET', '/microservices')).json.services).toHaveLength(1)
})

test('200 consumers that find one provider for the first time are all on record when they have their answers', async () => {
  await create({ serviceName: 'p', serviceId: 'p' })
  await Promise.all(count(200).map((n) => create({ serviceName: `c${n}`, serviceId: `c${n}` })))
  const finds = count(200).map(async (n) => {
    await send('GET', '/instances?appId=default&serviceName=p', { consumer: `c${n}` })
    const { json } = await call('GET', `/microservices/c${n}/providers`)
    return json.providers?.length
  })
  expect(new Set(await Promise.all(finds))).toEqual(new Set([1]))
  expect((await call('GET', '/microservices/p/consumers')).json.consumers).toHaveLength(200)
})

test('a service that is removed while instances register: never an instance without its service', async () => {
  for (const round of count(ROUNDS)) {
    const { serviceId } = (await create({ serviceName: `s${round}` })).json
    const replies = await Promise.all([
      ...count(8).map(() => register(serviceId)),
      call('DELETE', `/microservices/${serviceId}${round % 2 === 0 ? '?force=1' : ''}`),
      ...count(8).map(() => register(serviceId)),
    ])
    for (const reply of replies) expect(['200', '400 400012', '400 400013']).toContain(outcome(reply))
    const removal = outcome(replies[8] as Reply)
    const { status, json } = await call('GET', `/microservices/${serviceId}/instances`)
    if (removal === '200') expect(json.errorCode).toBe('400012')
    else {
      expect(status).toBe(200)
      expect(json.instances).toHaveLength(replies.filter((reply) => reply.json?.instanceId !== undefined).length)
    }
  }
})

test('a provider that is removed while it is found for the first time: used or gone, not both', async () => {
  await create({ serviceName: 'c', serviceId: 'c' })
  for (const round of count(ROUNDS)) {
    const serviceName = `p${round}`
    await create({ serviceName, serviceId: serviceName })
    const [found, removed] = await Promise.all([
      send('GET', `/instances?appId=default&serviceName=${serviceName}`, { consumer: 'c' }),
      call('DELETE', `/microservices/${serviceName}`),
    ])
    expect(['200', '400 400012']).toContain(outcome(found))
    expect(['200', '400 400023']).toContain(outcome(removed))
    const { status } = await call('GET', `/microservices/${serviceName}`)
    expect(status).toBe(removed.status === 200 ? 400 : 200)
  }
})

test('instances that register, change and go at the same time: the list is what the answers say', async () => {
  const { serviceId } = (await create({ serviceName: 's' })).json
  const at = `/microservices/${serviceId}/instances`
  await Promise.all(count(50).map((n) => register(serviceId, { instanceId: `i${n}` })))
  const changes = count(50).map((n) =>
    n % 2 === 0 ? call('DELETE', `${at}/i${n}`) : call('PUT', `${at}/i${n}/status?value=DOWN`),
  )
  expect(new Set((await Promise.all(changes)).map(outcome))).toEqual(new Set(['200']))
  const { instances } = (await call('GET', at)).json as { instances: { instanceId: string; status: string }[] }
  expect(instances.map(({ instanceId }) => Number(instanceId.slice(1))).sort((one, other) => one - other)).toEqual(
    count(50).filter((n) => n % 2 === 1),
  )
  expect(new Set(instances.map(({ status }) => status))).toEqual(new Set(['DOWN']))
})

test('a state that meets the end of its instance is set or refused, and the store is not blamed', async () => {
  const { serviceId } = (await create({ serviceName: 's' })).json
  const at = `/microservices/${serviceId}/instances/i`
  for (const _ of count(ROUNDS)) {
    await register(serviceId, { instanceId: 'i' })
    const [removed, changed] = await Promise.all([call('DELETE', at), call('PUT', `${at}/status?value=DOWN`)])
    expect(outcome(removed)).toBe('200')
    expect(['200', '400 400017']).toContain(outcome(changed))
    expect((await call('GET', at)).status).toBe(400)
  }
})

test('a registration that meets the expiry of its id is there when it is answered', async () => {
  const { serviceId } = (await create({ serviceName: 's' })).json
  for (const round of count(ROUNDS)) {
    await register(serviceId, { instanceId: 'i' })
    // The lease has ended, its deletion is on the way to the disk.
    clock.advance(120_100)
    expect(outcome(await register(serviceId, { instanceId: 'i' }))).toBe('200')
    const beat = await call('PUT', `/microservices/${serviceId}/instances/i/heartbeat`)
    expect(outcome(beat), `round ${round}`).toBe('200')
    await call('DELETE', `/microservices/${serviceId}/instances/i`)
  }
})
