import { readFileSync } from 'node:fs'
import { json } from '../answers.ts'
import { documentOf } from '../api/document.ts'
import { describe } from '../api/groups.ts'
import { pageOf } from '../api/page.ts'
import { catalogueOf } from '../api/refusals.ts'
import type { Answer, Route, SocketRoute } from '../call.ts'
import { legacyRoutes, legacySockets } from './legacy.ts'

/** The page loads nothing from elsewhere and runs nothing but its own file. */
const POLICY = "default-src 'none'; style-src 'self'; script-src 'self'; base-uri 'none'; frame-ancestors 'none'"

/**
 * The whole route table: the rows, the same under the older prefix, and those that describe all of them. Everybody may
 * read these, because they tell what the product is and nothing of what it holds.
 */
export function wholeTable(
  current: readonly Route[],
  currentSockets: readonly SocketRoute[],
  version: string,
): [routes: Route[], sockets: SocketRoute[]] {
  const sockets = [...currentSockets, ...legacySockets(currentSockets)]
  const at = { method: 'GET', family: 'plain', permission: 'public' } as const
  const table = () => describe([...routes, ...sockets])
  const page = () => pageOf(documentOf(table(), version), catalogueOf(table().described).errors)
  const own: Route[] = [
    { ...at, path: '/openapi.json', handle: once(() => json(documentOf(table(), version))) },
    { ...at, path: '/v4/errors', handle: once(() => json(catalogueOf(table().described))) },
    { ...at, path: '/docs', handle: once(() => file('text/html', page())) },
    { ...at, path: '/docs/page.css', handle: once(() => file('text/css', read('page.css'))) },
    { ...at, path: '/docs/page.js', handle: once(() => file('text/javascript', read('page-script.js'))) },
  ]
  const routes = [...current, ...legacyRoutes(current), ...own]
  return [routes, sockets]
}

/** Makes an answer when it is first asked for, and keeps it. */
function once(make: () => Answer): () => Answer {
  let answer: Answer | undefined
  return () => {
    answer ??= make()
    return answer
  }
}

function file(mediaType: string, content: string): Answer {
  const headers = [
    'Content-Type',
    `${mediaType}; charset=utf-8`,
    'X-Content-Type-Options',
    'nosniff',
    'Content-Security-Policy',
    POLICY,
    'Cache-Control',
    'no-cache',
  ]
  return { status: 200, headers, body: Buffer.from(content) }
}

function read(name: string): string {
  return readFileSync(new URL(`../api/${name}`, import.meta.url), 'utf8')
}
