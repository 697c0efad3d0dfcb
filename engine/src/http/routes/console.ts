import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Answer, Route } from '../call.ts'
import { NOT_FOUND } from '../errors.ts'

const PAGE = createRequire(import.meta.url).resolve('@rollcall/console/index.html')

/** Scripts only from here, and no page around it that could steal its clicks. */
const POLICY = [
  "default-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

const TO_CONSOLE: Answer = { status: 302, headers: ['Location', '/console/'], body: undefined }

/** The console's files. */
export function consoleRoutes(): Route[] {
  const page: Answer = {
    status: 200,
    headers: [
      'Content-Type',
      'text/html; charset=utf-8',
      'X-Content-Type-Options',
      'nosniff',
      'Content-Security-Policy',
      POLICY,
      'Cache-Control',
      'no-cache',
    ],
    body: readFileSync(PAGE),
  }
  const at = { method: 'GET', family: 'plain', permission: 'public' } as const
  return [
    { ...at, path: '/console/', handle: () => page },
    { ...at, path: '/console', handle: () => TO_CONSOLE },
    // Only browsers are sent on: to programs the root is a path that does not exist.
    { ...at, path: '/', handle: ({ accept }) => (accept.includes('text/html') ? TO_CONSOLE : NOT_FOUND) },
  ]
}
