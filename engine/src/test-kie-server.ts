import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** An entry of a configuration server. */
export interface KieEntry {
  readonly id: string
  readonly key: string
  readonly value: string
  readonly status: string
  readonly labels: Readonly<Record<string, string>>
}

const PATH = /^\/v1\/[^/]+\/kie\/kv\/?/

/** For tests: keeps entries as ServiceComb KIE does: its paths, its filters, its statuses. */
export class TestKieServer {
  entries: readonly KieEntry[] = []
  /** Requests so far, `METHOD path`. */
  readonly asked: string[] = []
  readonly authorizations: (string | undefined)[] = []
  /** Takes the place of the server's own answers. */
  misbehave: ((response: ServerResponse) => void) | undefined
  readonly #server = createServer((request, response) => void this.#serve(request, response))

  /** @returns where it listens */
  async start(): Promise<string> {
    this.#server.listen(0, '127.0.0.1')
    await once(this.#server, 'listening')
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/`
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections()
    if (this.#server.listening) await new Promise((resolve) => this.#server.close(resolve))
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = '', headers } = request
    const url = new URL(request.url ?? '', 'http://kie')
    this.asked.push(`${method} ${decodeURIComponent(url.pathname + url.search)}`)
    this.authorizations.push(headers.authorization)
    const chunks: Buffer[] = []
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk)
    const body = chunks.length === 0 ? {} : JSON.parse(Buffer.concat(chunks).toString())
    if (this.misbehave !== undefined) return this.misbehave(response)
    const id = decodeURIComponent(url.pathname.replace(PATH, ''))
    if (method === 'POST') this.#add(body, response)
    else if (method === 'DELETE') {
      this.entries = this.entries.filter((entry) => !body.ids.includes(entry.id))
      response.writeHead(204).end()
    } else if (id === '') response.end(JSON.stringify(this.#found(url.searchParams)))
    else this.#change(id, body, response)
  }

  #add(body: Omit<KieEntry, 'id'> & { value_type?: string; priority?: number }, response: ServerResponse): void {
    const { value_type: _, priority: __, ...given } = body
    const isSame = ({ key, labels }: KieEntry) =>
      key === given.key && JSON.stringify(labels) === JSON.stringify(given.labels)
    if (this.entries.some(isSame)) return void response.writeHead(409).end('{"error_msg":"it is there already"}')
    const taken = new Set(this.entries.map(({ id }) => id))
    let number = 0
    while (taken.has(`id-${number}`)) number += 1
    const entry = { ...given, id: `id-${number}`, create_time: 1, update_time: 2 }
    this.entries = [...this.entries, entry]
    response.end(JSON.stringify(entry))
  }

  #found(query: URLSearchParams): object {
    const prefix = /^beginWith\((.*)\)$/.exec(query.get('key') ?? '')?.[1] ?? '?'
    const labels = query.getAll('label').map((label) => label.split(':'))
    const data = this.entries.filter(
      (entry) => entry.key.startsWith(prefix) && labels.every(([name = '', value]) => entry.labels[name] === value),
    )
    return { total: data.length, data }
  }

  #change(id: string, body: Partial<KieEntry>, response: ServerResponse): void {
    const known = this.entries.find((entry) => entry.id === id)
    if (known === undefined) return void response.writeHead(404).end('{"error_msg":"no such entry"}')
    const changed = { ...known, ...body }
    this.entries = this.entries.map((entry) => (entry === known ? changed : entry))
    response.end(JSON.stringify(changed))
  }
}
