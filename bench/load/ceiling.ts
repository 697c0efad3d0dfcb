import { type AddressInfo, createServer } from 'node:net'
import type { Captured } from './capture.ts'
import { answerJobs } from './worker.ts'

let answer = Buffer.alloc(0)

/** One packet is one request: the generator sends small requests and never two at once. */
const server = createServer({ noDelay: true }, (socket) => {
  socket.on('data', () => socket.write(answer))
  socket.on('error', () => socket.destroy())
})

/** Process that answers fixed bytes without looking: what the generator itself can do at most. */
answerJobs(async ({ status, headers, bodyBase64 }: Captured): Promise<number> => {
  const lines = [`HTTP/1.1 ${status} OK`]
  for (let index = 0; index < headers.length; index += 2) lines.push(`${headers[index]}: ${headers[index + 1]}`)
  answer = Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`), Buffer.from(bodyBase64, 'base64')])
  if (!server.listening) await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return (server.address() as AddressInfo).port
})
