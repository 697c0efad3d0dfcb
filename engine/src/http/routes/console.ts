import { readFileSync } from 'node:fs'
import type { Answer, Route } from '../call.ts'

const PAGE = new URL('../../../../console/src/index.html', import.meta.url)

/** The console's files. */
export function consoleRoutes(): Route[] {
  const page: Answer = {
    status: 200,
    headers: [
      'Content-Type',
      'text/html; charset=utf-8',
      'X-Content-Type-Options',
      'nosniff',
      'Cache-Control',
      'no-cache',
    ],
    body: readFileSync(PAGE),
  }
  return [{ method: 'GET', family: 'plain', path: '/console', handle: () => page }]
}
