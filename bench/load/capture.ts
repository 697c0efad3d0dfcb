import { connect } from 'node:net'
import { type RequestSpec, requestSource } from './request.ts'
import { ResponseReader } from './response-reader.ts'

/** An answer as it went over the wire, without what Node writes by itself. */
export interface Captured {
  readonly status: number
  /** Names and values in turn, as they were written. */
  readonly headers: readonly string[]
  readonly bodyBase64: string
}

const WRITTEN_BY_NODE: ReadonlySet<string> = new Set(['date', 'connection', 'keep-alive'])

/** Asks once and keeps the bytes of the answer. */
export async function capture(port: number, request: RequestSpec): Promise<Captured> {
  const chunks: Buffer[] = []
  await new Promise<void>((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1' }, () => socket.write(requestSource([request])()))
    const reader = new ResponseReader(() => {
      socket.destroy()
      resolve()
    })
    socket.on('error', reject)
    socket.on('close', () => reject(new Error(`no whole answer to ${request.method} ${request.path}`)))
    socket.on('data', (chunk) => {
      chunks.push(chunk)
      try {
        reader.take(chunk)
      } catch (error) {
        reject(error)
      }
    })
  })
  return dissect(Buffer.concat(chunks))
}

function dissect(bytes: Buffer): Captured {
  const end = bytes.indexOf('\r\n\r\n')
  const [statusLine = '', ...lines] = bytes.toString('latin1', 0, end).split('\r\n')
  const headers: string[] = []
  for (const line of lines) {
    const [name = '', ...value] = line.split(': ')
    if (!WRITTEN_BY_NODE.has(name.toLowerCase())) headers.push(name, value.join(': '))
  }
  const bodyBase64 = bytes.subarray(end + 4).toString('base64')
  return { status: Number(statusLine.split(' ')[1]), headers, bodyBase64 }
}
