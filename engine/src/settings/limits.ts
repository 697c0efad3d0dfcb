import type { Setting } from './setting.ts'

/** Settings that keep one client from taking the engine away from others. */
export const LIMIT_SETTINGS = {
  'limits.headerSeconds': {
    kind: 'integer',
    default: 20,
    min: 1,
    max: 3600,
    help: 'Within so many seconds the head of a request must be there, counted from the connection or the first byte; a TLS handshake too.',
  },
  'limits.bodySeconds': {
    kind: 'integer',
    default: 60,
    min: 1,
    max: 3600,
    help: 'Within so many seconds of its first byte a whole request must be there.',
  },
  'limits.idleSeconds': {
    kind: 'integer',
    default: 75,
    min: 1,
    max: 86_400,
    help: 'A connection without a request, or whose client takes nothing of its answer, is closed after so many seconds.',
  },
  'limits.connectionsPerAddress': {
    kind: 'integer',
    default: 20_000,
    min: 0,
    max: 1_000_000,
    help: 'Connections that one address may have open; 0: any number.',
  },
  'limits.requestsPerSecond': {
    kind: 'integer',
    default: 0,
    min: 0,
    max: 1_000_000,
    help: 'Requests per second of one address beyond which its finds are refused with 429; writes from twice, heartbeats from four times as many. 0: any number.',
  },
  'limits.overloadMs': {
    kind: 'integer',
    default: 500,
    min: 0,
    max: 60_000,
    help: 'An engine that is so many milliseconds behind, again and again, refuses finds with 429 until it has caught up; from four times as many writes too, heartbeats never. 0: off.',
  },
} as const satisfies Readonly<Record<string, Setting>>
