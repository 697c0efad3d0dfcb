import { expect, test } from 'vitest'
import { Story } from './story.ts'

const MONITOR = '/v3/default/csemonitor'
const PATIENCE = { timeout: 60_000, interval: 250 }

interface Info {
  readonly name: { readonly serviceName: string; readonly function?: string }
  readonly total: number
  readonly failure: number
}

test('one command, and there are live numbers of five services, failures and stuck orders; an interruption ends all', {
  timeout: 180_000,
}, async () => {
  const story = new Story('demo.ts')
  const [, url = ''] = await story.heard(/an engine runs at (\S+),/)
  const read = async (path: string) => (await fetch(`${url}${MONITOR}/${path}`)).json()

  const reporting = async () => {
    const { services } = (await read('services')) as { services: readonly { serviceName: string }[] }
    return services.map(({ serviceName }) => serviceName).sort()
  }
  await expect.poll(reporting, PATIENCE).toEqual(['cart', 'delivery', 'payment', 'shop', 'stock'])

  const failing = async () =>
    ((await read('top?order=failureRate')) as readonly Info[]).filter(({ failure }) => failure > 0)
  await expect.poll(async () => (await failing()).length, PATIENCE).toBeGreaterThan(0)

  const stuck = async () => ((await read('transactions?stuck=true')) as { transactions: object[] }).transactions
  await expect.poll(async () => (await stuck()).length, PATIENCE).toBeGreaterThan(0)
  expect((await stuck())[0]).toMatchObject({ serviceName: 'shop', name: 'order', status: 'TRYING', inFlight: true })
  expect(await read('transactions/statistics')).toMatchObject({
    byStatus: { CONFIRMED: expect.any(Number) },
  })

  expect(await story.end('SIGINT')).toBe(130)
  expect(story.processes).toHaveLength(6)
  story.expectNothingLeft()
})
