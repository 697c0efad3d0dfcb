import { afterAll, beforeAll, expect, test } from 'vitest'
import type { TestBed } from './client-fixture.ts'
import { startTestBed } from './client-fixture.ts'
import { startCommand } from './command.ts'

let bed: TestBed
beforeAll(async () => {
  bed = await startTestBed()
  const cart = { appId: 'shop', serviceName: 'cart', version: '1.0.0' }
  const serviceId = await bed.client.services.create(cart)
  for (const instanceId of ['abcd1', 'abcd2']) {
    await bed.client.instances.register(serviceId, { instanceId, hostName: 'h' })
  }
})
afterAll(() => bed.engine.close())

const run = (line: string) => startCommand(line.split(' '), { ROLLCALL_URL: bed.engine.url }).ended

test.each([
  ['services get nothing', '400012'],
  ['services get shop/nothing', '400012'],
  ['services delete nothing', '400012'],
  ['instances list nothing', '400012'],
  ['instances get shop/cart none', '400017'],
  ['instances status shop/cart none DOWN', '400017'],
  ['watch nothing', '400012'],
  ['find nothing', '400012'],
  ['find cart --app shop --consumer nothing', '400012'],
])('%s: what is not there ends with 3 and its code', async (line, errorCode) => {
  const forPeople = await run(line)
  expect(forPeople).toMatchObject({ code: 3, out: '' })
  expect(forPeople.err).toContain(errorCode)
  expect(forPeople.err).toMatch(/"rollcall (services|instances) list/)
  const forPrograms = await run(`${line} --json`)
  expect(forPrograms).toMatchObject({ code: 3, out: '' })
  expect(JSON.parse(forPrograms.err)).toMatchObject({ error: { kind: 'refused', status: 400, errorCode } })
})

test.each([
  ['services list --colour', "unknown option '--colour'"],
  ['services lst', "unknown command 'lst'"],
  ['services get', "missing required argument 'service'"],
  ['instances status shop/cart abcd1 SLEEPY', 'Allowed choices are UP, DOWN'],
  ['instances get shop/cart abcd', "has 2 instances 'abcd'"],
  ['services list --url nonsense', 'is no address of an engine'],
])('%s: wrong usage ends with 1, in words or as one JSON document', async (line, words) => {
  const forPeople = await run(line)
  expect(forPeople).toMatchObject({ code: 1, out: '' })
  expect(forPeople.err).toContain(words)
  const forPrograms = await run(`${line} --json`)
  expect(forPrograms).toMatchObject({ code: 1, out: '' })
  const { error } = JSON.parse(forPrograms.err) as { error: { kind: string; message: string } }
  expect(error.kind).toBe('usage')
  expect(error.message).toContain(words)
  expect(error.message).not.toMatch(/^error:/)
})
