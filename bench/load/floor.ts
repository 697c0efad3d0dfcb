import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Captured } from './capture.ts'
import { answerJobs } from './worker.ts'

/** Up to this size Node writes head and body faster as one string (docs/decisions/0003-http-edge.md). */
const STRING_BODY_BYTES_MAX = 16_384

type Send = (response: ServerResponse) => void

let send: Send = (response) => response.writeHead(503, { 'Content-Length': 0 }).end()

/** As the engine does, and faster: Node's own timer between two requests is set anew for each of them. */
const OPTIONS = { keepAliveTimeout: 0 }
const KEPT = ['Keep-Alive', 'timeout=75']

const server = createServer(OPTIONS, (request, response) => {
  if (request.method === 'POST') parseThenSend(request, response)
  else send(response)
})

/** Process with a bare node:http server: it answers the given bytes to everything and says its port. */
answerJobs(async (answer: Captured): Promise<number> => {
  send = sender(answer)
  if (!server.listening) await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return (server.address() as AddressInfo).port
})

/** The fastest way of plain Node to write an answer. */
function sender({ status, headers, bodyBase64 }: Captured): Send {
  const bytes = Buffer.from(bodyBase64, 'base64')
  const flat = [...headers, ...KEPT]
  if (bytes.length === 0) return (response) => response.writeHead(status, flat).end()
  if (bytes.length > STRING_BODY_BYTES_MAX) return (response) => response.writeHead(status, flat).end(bytes)
  const text = bytes.toString('latin1')
  return (response) => response.writeHead(status, flat).end(text, 'latin1')
}

function parseThenSend(request: IncomingMessage, response: ServerResponse): void {
  const chunks: Buffer[] = []
  request.on('data', (chunk: Buffer) => chunks.push(chunk))
  request.on('end', () => {
    const [first] = chunks
    const body = chunks.length === 1 && first !== undefined ? first : Buffer.concat(chunks)
    if (typeof JSON.parse(body.toString()) === 'object') send(response)
    else response.writeHead(400, { 'Content-Length': 0 }).end()
  })
}
