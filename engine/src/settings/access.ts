import type { Setting } from './setting.ts'

const DAY_SECONDS = 86_400

/** Settings of access control. */
export const ACCESS_SETTINGS = {
  'auth.mode': {
    kind: 'choice',
    default: 'auto',
    choices: ['auto', 'on', 'off'],
    help: 'on: accounts, roles and tokens. auto: no access control, and only on loopback. off: none anywhere.',
  },
  'auth.scope': {
    kind: 'text',
    default: '*',
    help: 'Resource types that need a token, by comma (service, service/schema, governance, ops); *: all. account, role and audit always do.',
  },
  'auth.privateKeyFile': {
    kind: 'text',
    default: '',
    help: 'RSA key in PEM that signs tokens; empty: one is made and kept in the store.',
  },
  'auth.publicKeyFiles': {
    kind: 'text',
    default: '',
    help: 'More RSA keys in PEM, by comma, whose tokens are still good: those that signed before.',
  },
  'auth.keyDays': {
    kind: 'integer',
    default: 90,
    min: 0,
    max: 3650,
    help: 'Age from which a signing key that was made is replaced, days; 0: never.',
  },
  'auth.lockSeconds': {
    kind: 'integer',
    default: 900,
    min: 1,
    max: DAY_SECONDS,
    help: 'How long three wrong passwords lock a name at an address, seconds.',
  },
  'auth.trustForwarded': {
    kind: 'boolean',
    default: false,
    help: 'Take the address of a client from the last part of X-Forwarded-For: only behind a proxy that sets it.',
  },
  'auth.openSockets': {
    kind: 'boolean',
    default: false,
    help: 'WebSockets open without a token too, for Go clients, which send none with them.',
  },
  'auth.resetRoot': {
    kind: 'boolean',
    default: false,
    help: 'Give root a new password at this start, as at the first one.',
  },
  'audit.retentionDays': {
    kind: 'integer',
    default: 90,
    min: 1,
    max: 3650,
    help: 'How long entries of the audit log are kept, days.',
  },
  'audit.maxMegabytes': {
    kind: 'integer',
    default: 256,
    min: 1,
    max: 65_536,
    help: 'Room for entries about changes; beyond it the oldest go early, megabytes. Refused requests have a quarter of it besides. A memory store keeps at most 16.',
  },
} as const satisfies Readonly<Record<string, Setting>>
