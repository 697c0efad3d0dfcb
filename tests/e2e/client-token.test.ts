import { joinService } from '@rollcall/client'
import { ManualClock } from '@rollcall/engine/kernel/manual-clock'
import { expect, test } from 'vitest'
import { startTestBed, untilState } from './client-fixture.ts'

const service = { appId: 'shop', serviceName: 'cart', version: '1.0.0' }

test('a token function is asked before each request, and what it says is sent', async () => {
  await using bed = await startTestBed()
  const sent: (string | null)[] = []
  const watched: typeof fetch = (target, init) => {
    sent.push(new Headers(init?.headers).get('Authorization'))
    return fetch(target, init)
  }
  let turn = 0
  const client = bed.connect({ token: async () => `t${++turn}`, fetch: watched })
  await client.version()
  await client.version()
  expect(sent).toEqual(['Bearer t1', 'Bearer t2'])
})

test('a token that cannot be had is not blamed on an engine, and no address is given up for it', async () => {
  await using bed = await startTestBed()
  const reason = new Error('the identity provider is closed')
  const token = () => Promise.reject(reason)
  const client = bed.connect({ urls: [bed.engine.url, 'http://127.0.0.1:1'], token })
  await expect(client.version()).rejects.toBe(reason)
  expect(client.url).toBe(bed.engine.url)
})

test('a token that never comes ends with an error in time', async () => {
  await using bed = await startTestBed()
  const clock = new ManualClock()
  const client = bed.connect({ clock, timeoutMs: 400, token: () => new Promise<string>(() => undefined) })
  const failed = client.version().catch((error: unknown) => error)
  clock.advance(400)
  expect(String(await failed)).toContain('no token within 400 ms')
})

test('a membership without a token waits and tries again; it does not throw', async () => {
  await using bed = await startTestBed()
  let isOpen = false
  const client = bed.connect({
    token: () => {
      if (!isOpen) throw new Error('closed')
      return 't'
    },
  })
  await using membership = joinService(client, { service, instance: { hostName: 'h' } })
  expect(await untilState(membership, 'unreachable')).toMatchObject({ error: { message: 'closed' } })
  isOpen = true
  bed.clientClock.advance(250)
  await membership.joined()
})
