import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A way to an engine that a test can bar. */
export interface Door extends AsyncDisposable {
  readonly url: string
}

/** Lets questions (GET) through to an engine, except those that the guard keeps: it has to do with their answers as it likes. */
export async function openDoor(
  engineUrl: string,
  keeps: (url: string, response: ServerResponse) => boolean,
): Promise<Door> {
  const server = createServer(async ({ url = '' }, response) => {
    if (keeps(url, response)) return
    const answer = await fetch(engineUrl + url)
    response.writeHead(answer.status, { 'Content-Type': 'application/json' }).end(await answer.text())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
