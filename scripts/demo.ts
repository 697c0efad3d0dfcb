/**
 * `npm run demo`: an engine, the five services of `examples/shop` and some customers, each service a process of its own,
 * until Ctrl-C. `-- --port 30100` chooses the engine's port; any free one when left out.
 */
import { setTimeout as wait } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { Narrator } from './story/narrator.ts'
import { Stage } from './story/stage.ts'

const SERVICES = ['cart', 'stock', 'payment', 'delivery', 'shop'] as const
/** A customer comes so often. */
const CUSTOMER_MS = 100
/** So often it is told how it goes. */
const TELL_MS = 10_000
/** Customers who wait for the shop at the same time; more do not come in. */
const CUSTOMERS_MAX = 50

const { values } = parseArgs({ options: { port: { type: 'string', default: '0' } } })
const stage = new Stage()
const narrator = new Narrator()

async function open(): Promise<{ readonly engineUrl: string; readonly shopUrl: string }> {
  const { engine, url } = await stage.startEngine(values.port)
  narrator.tell(`an engine runs at ${url}, process ${engine.pid}, with its data in ${stage.folder}`)
  let shopUrl = ''
  for (const name of SERVICES) {
    const service = await stage.startService(name, url)
    narrator.tell(`${name} has joined, process ${service.actor.pid}, ${service.url}`)
    shopUrl = service.url
  }
  return { engineUrl: url, shopUrl }
}

function explain(url: string): void {
  const monitor = `${url}/v3/default/csemonitor`
  narrator.chapter('To look at, in a few seconds:')
  const places = [
    ['the console', `${url}/console/`],
    ['how each interface goes', `curl '${monitor}/metric?service=shop,stock,payment,delivery,cart&by=interface'`],
    ['the interfaces that fail most', `curl '${monitor}/top?order=failureRate'`],
    ['numbers as they come', `curl -N '${monitor}/stream?service=shop'`],
    ['orders that are stuck', `curl '${monitor}/transactions?stuck=true'`],
    ['for Prometheus', `curl ${url}/metrics/services`],
  ] as const
  for (const [what, where] of places) narrator.tell(`${what}: ${where}`)
  narrator.tell('Ctrl-C ends it and removes its data')
}

/** Two of three customers look at their basket, the others order. */
async function serveCustomers(shopUrl: string): Promise<never> {
  let waiting = 0
  for (let count = 0; ; count++) {
    await wait(CUSTOMER_MS)
    if (waiting >= CUSTOMERS_MAX) continue
    waiting += 1
    const request = count % 3 === 0 ? fetch(`${shopUrl}/order`, { method: 'POST' }) : fetch(`${shopUrl}/basket`)
    request
      .then((answer) => answer.text())
      .catch(() => {})
      .finally(() => {
        waiting -= 1
      })
  }
}

interface Statistics {
  readonly total: number
  readonly inFlight: number
  readonly stuck: number
  readonly byStatus: Readonly<Record<string, number>>
}

async function tellHowItGoes(engineUrl: string): Promise<never> {
  for (;;) {
    await wait(TELL_MS)
    const answer = await fetch(`${engineUrl}/v3/default/csemonitor/transactions/statistics`)
    const { total, inFlight, stuck, byStatus } = (await answer.json()) as Statistics
    narrator.tell(
      `${total} orders: ${byStatus.CONFIRMED} confirmed, ${byStatus.CANCELLED} cancelled, ${inFlight} in flight, ${stuck} stuck`,
    )
  }
}

try {
  const { engineUrl, shopUrl } = await open()
  explain(engineUrl)
  await Promise.all([serveCustomers(shopUrl), tellHowItGoes(engineUrl)])
} catch (error) {
  narrator.claim(false, String(error instanceof Error ? error.message : error))
  process.exitCode = 1
} finally {
  await stage.clear()
}
process.exit()
