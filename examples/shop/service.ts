/** What the services of the example do alike: listen, join, report how it goes, tell, and leave when asked to stop. */
import { once } from 'node:events'
import type { RequestListener } from 'node:http'
import { createServer } from 'node:http'
import { hostname } from 'node:os'
import type { Client, Membership, MetricsReporter, TransactionMonitor } from '@rollcall/client'
import { createClient, joinService, monitorTransactions, reportMetrics } from '@rollcall/client'

/** So often calls are reported; more often than usual, so that something is to be seen soon. */
const REPORT_MS = 2000

/** Says on standard output, as a line of JSON, what happens here. */
export function tell(event: string, facts: object = {}): void {
  process.stdout.write(`${JSON.stringify({ at: Date.now(), event, ...facts })}\n`)
}

export interface RunningService {
  readonly client: Client
  readonly membership: Membership
  readonly metrics: MetricsReporter
  readonly transactions: TransactionMonitor
}

/** Listens on a free port of this machine and joins the engine at ROLLCALL_URL as `shop/<name>/1.0.0`. */
export async function runService(name: string, answer: RequestListener): Promise<RunningService> {
  const server = createServer(answer)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the service listens on no port')
  const url = `http://127.0.0.1:${address.port}`

  const client = createClient({ urls: process.env.ROLLCALL_URL ?? 'http://127.0.0.1:30100', fetch: watchedFetch })
  const service = { appId: 'shop', serviceName: name, version: '1.0.0', environment: 'development' }
  const membership = joinService(client, {
    service,
    instance: {
      hostName: hostname(),
      endpoints: [url.replace('http:', 'rest:')],
      // The shortest lease there is: 5 s × (3 + 1) = 20 s.
      healthCheck: { interval: 5, times: 3 },
    },
  })
  membership.onState((state) => tell('state', { state: state.kind, url, instanceId: membership.instanceId }))
  const metrics = reportMetrics(client, { service, membership, intervalMs: REPORT_MS })
  metrics.observe(server)
  const transactions = monitorTransactions(client, { ...service, hostName: hostname() })
  process.once('SIGTERM', async () => {
    await membership.leave()
    await Promise.all([metrics.close(), transactions.close()])
    // What is still open ends with the process.
    process.exit(0)
  })
  return { client, membership, metrics, transactions }
}

/** Answers with what `run` gives as JSON, and with 500 and the message when it fails. */
export function answering(run: (url: URL) => Promise<object>): RequestListener {
  return (request, response) => {
    run(new URL(request.url ?? '/', 'http://localhost')).then(
      (body) => {
        response.setHeader('Content-Type', 'application/json')
        response.end(JSON.stringify(body))
      },
      (error: Error) => {
        response.statusCode = 500
        response.end(error.message)
      },
    )
  }
}

/** The transaction that a caller sends along with a call. */
export function parentOf({ searchParams }: URL): { readonly globalTxId: string; readonly branchTxId: string } {
  return { globalTxId: searchParams.get('globalTxId') ?? '', branchTxId: searchParams.get('branchTxId') ?? '' }
}

/** The ordinary fetch, except that the story wants to know of each sign of life that the engine has taken. */
const watchedFetch: typeof fetch = async (target, init) => {
  const response = await fetch(target, init)
  const isRegistration = init?.method === 'POST' && /\/instances$/.test(String(target))
  if (response.ok && (isRegistration || /\/heartbeat$/.test(String(target)))) tell('beat')
  return response
}
