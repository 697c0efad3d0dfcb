/** One setting. `kind` says how its text is read. */
export type Setting = { readonly help: string } & (
  | { readonly kind: 'text'; readonly default: string }
  | { readonly kind: 'boolean'; readonly default: boolean }
  | { readonly kind: 'integer' | 'number'; readonly default: number; readonly min: number; readonly max: number }
  | { readonly kind: 'choice'; readonly default: string; readonly choices: readonly string[] }
)

const DAY_SECONDS = 86_400
const QUOTA_MAX = 100_000_000
const GIB = 1_073_741_824

/**
 * All settings by name: the only place to add one. Spelt `server.port` in the file, `ROLLCALL_SERVER_PORT` in the
 * environment and `--server.port` on the command line.
 */
export const SETTINGS = {
  'server.host': { kind: 'text', default: '127.0.0.1', help: 'Address to listen on.' },
  'server.port': {
    kind: 'integer',
    default: 30_100,
    min: 0,
    max: 65_535,
    help: 'Port to listen on; 0 takes any free one.',
  },
  'server.advertised': {
    kind: 'text',
    default: '',
    help: 'host:port under which clients reach this engine; empty: derived from host and port.',
  },
  'server.maxHeaderBytes': {
    kind: 'integer',
    default: 32_768,
    min: 4096,
    max: 1_048_576,
    help: 'Largest request head, bytes.',
  },
  'server.maxBodyBytes': {
    kind: 'integer',
    default: 2_097_152,
    min: 8192,
    max: GIB,
    help: 'Largest request body, bytes.',
  },
  'server.drainSeconds': {
    kind: 'integer',
    default: 3,
    min: 0,
    max: DAY_SECONDS,
    help: 'How long a stop waits for requests under way, seconds.',
  },
  'store.kind': {
    kind: 'choice',
    default: 'lmdb',
    choices: ['lmdb', 'memory'],
    help: 'lmdb keeps data on disk; memory forgets them.',
  },
  'store.path': { kind: 'text', default: './data', help: 'Folder of the lmdb store; made if it is not there.' },
  'auth.mode': {
    kind: 'choice',
    default: 'auto',
    choices: ['auto', 'on', 'off'],
    help: 'on: accounts, roles and tokens. auto: no access control, and only on loopback. off: none anywhere.',
  },
  'auth.scope': {
    kind: 'text',
    default: '*',
    help: 'Resource types that need a token, by comma (service, service/schema, governance, ops); *: all. account and role always do.',
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
  'log.level': {
    kind: 'choice',
    default: 'info',
    choices: ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'],
    help: 'Least important level that is written.',
  },
  'log.format': {
    kind: 'choice',
    default: 'auto',
    choices: ['auto', 'json', 'pretty'],
    help: 'auto: pretty on a terminal, else json.',
  },
  'discovery.selfPreservation.enabled': {
    kind: 'boolean',
    default: true,
    help: 'Keep the instances of a service for a while when most of them fall silent at once.',
  },
  'discovery.selfPreservation.threshold': {
    kind: 'number',
    default: 0.8,
    min: 0,
    max: 1,
    help: 'Share of silent instances from which a service is kept.',
  },
  'discovery.selfPreservation.minInstances': {
    kind: 'integer',
    default: 6,
    min: 1,
    max: 1_000_000,
    help: 'Services with fewer instances are not kept.',
  },
  'discovery.selfPreservation.maxSeconds': {
    kind: 'integer',
    default: 600,
    min: 1,
    max: DAY_SECONDS,
    help: 'Longest time that an instance outlives its lease, seconds.',
  },
  'contracts.editable': {
    kind: 'boolean',
    default: false,
    help: 'Contracts of services in the environment production may be changed too.',
  },
  'contracts.putDisabled': {
    kind: 'boolean',
    default: false,
    help: 'Single contracts are not accepted, only whole sets (and /registry/v3 stays as it is).',
  },
  'instance.minIntervalSeconds': {
    kind: 'integer',
    default: 5,
    min: 1,
    max: DAY_SECONDS,
    help: 'Least time between heartbeats, seconds.',
  },
  'instance.minTimes': {
    kind: 'integer',
    default: 3,
    min: 0,
    max: 1000,
    help: 'Least number of heartbeats that may be missed.',
  },
  'instance.ttlSeconds': {
    kind: 'integer',
    default: 0,
    min: 0,
    max: DAY_SECONDS,
    help: 'Lease of every instance, seconds; 0: interval × (times + 1) of its health check.',
  },
  'quota.services': { kind: 'integer', default: 50_000, min: 0, max: QUOTA_MAX, help: 'Services of one tenant.' },
  'quota.instances': { kind: 'integer', default: 150_000, min: 0, max: QUOTA_MAX, help: 'Instances of one tenant.' },
  'quota.schemas': { kind: 'integer', default: 100, min: 0, max: QUOTA_MAX, help: 'Contracts of one service.' },
  'quota.tags': { kind: 'integer', default: 100, min: 0, max: QUOTA_MAX, help: 'Tags of one service.' },
  'watch.pingSeconds': {
    kind: 'integer',
    default: 30,
    min: 1,
    max: 3600,
    help: 'Time between pings on WebSockets, seconds.',
  },
  'watch.idleSeconds': {
    kind: 'integer',
    default: 120,
    min: 2,
    max: DAY_SECONDS,
    help: 'A WebSocket that shows no sign of life for so long counts as dead, seconds.',
  },
} as const satisfies Readonly<Record<string, Setting>>

export type SettingName = keyof typeof SETTINGS

/** The settings of one process, frozen, in slices. */
export interface Settings {
  readonly server: {
    readonly host: string
    readonly port: number
    readonly advertised: string
    readonly maxHeaderBytes: number
    readonly maxBodyBytes: number
    readonly drainSeconds: number
  }
  readonly store: { readonly kind: 'lmdb' | 'memory'; readonly path: string }
  readonly auth: {
    readonly mode: 'auto' | 'on' | 'off'
    readonly scope: string
    readonly privateKeyFile: string
    readonly publicKeyFiles: string
    readonly keyDays: number
    readonly lockSeconds: number
    readonly trustForwarded: boolean
    readonly openSockets: boolean
    readonly resetRoot: boolean
  }
  readonly log: { readonly level: string; readonly format: 'auto' | 'json' | 'pretty' }
  readonly discovery: {
    readonly selfPreservation: {
      readonly enabled: boolean
      readonly threshold: number
      readonly minInstances: number
      readonly maxSeconds: number
    }
  }
  readonly contracts: { readonly editable: boolean; readonly putDisabled: boolean }
  readonly instance: { readonly minIntervalSeconds: number; readonly minTimes: number; readonly ttlSeconds: number }
  readonly quota: {
    readonly services: number
    readonly instances: number
    readonly schemas: number
    readonly tags: number
  }
  readonly watch: { readonly pingSeconds: number; readonly idleSeconds: number }
}
