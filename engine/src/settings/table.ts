import { QUOTA_LIMIT_MAX } from '../kernel/limits.ts'
import { ACCESS_SETTINGS } from './access.ts'
import { LIMIT_SETTINGS } from './limits.ts'
import { MONITORING_SETTINGS } from './monitoring.ts'
import type { Setting } from './setting.ts'
import { TLS_SETTINGS } from './tls.ts'

const DAY_SECONDS = 86_400
const GIB = 1_073_741_824

/**
 * All settings by name; those of one subject may stand in a file of their own and join here. Spelt `server.port` in the file, `ROLLCALL_SERVER_PORT` in the
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
  ...TLS_SETTINGS,
  ...LIMIT_SETTINGS,
  ...ACCESS_SETTINGS,
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
  'log.access': {
    kind: 'boolean',
    default: false,
    help: 'Write a line to the log for each request that is answered.',
  },
  'discovery.versionRules': {
    kind: 'choice',
    default: 'ignore',
    choices: ['ignore', 'apply'],
    help: 'Whether the version of a find (1.0, 1.0+, 1.0-2.0, latest) leaves the other versions out, as Service Center 1 did.',
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
  'environments.free': {
    kind: 'boolean',
    default: false,
    help: 'Tenants may have environments besides development, testing, acceptance and production.',
  },
  'environments.max': {
    kind: 'integer',
    default: 50,
    min: 0,
    max: 10_000,
    help: 'So many of them for each tenant.',
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
  'quota.kind': {
    kind: 'choice',
    default: 'builtin',
    choices: ['builtin', 'http'],
    help: 'Who says what a tenant may have. builtin: the settings below, and operators at run time. http: another service.',
  },
  'quota.url': {
    kind: 'text',
    default: '',
    help: 'Address of the service when quota.kind is http; see docs/quota-service.md.',
  },
  'quota.timeoutMs': {
    kind: 'integer',
    default: 1000,
    min: 1,
    max: 60_000,
    help: 'How long an answer of the quota service may take, milliseconds.',
  },
  'quota.cacheSeconds': {
    kind: 'integer',
    default: 5,
    min: 0,
    max: 3600,
    help: 'How long an answer of the quota service is good for, seconds.',
  },
  'quota.pauseSeconds': {
    kind: 'integer',
    default: 5,
    min: 1,
    max: 3600,
    help: 'How long the quota service is left alone after it has failed five times in a row, seconds.',
  },
  'quota.services': { kind: 'integer', default: 50_000, min: 0, max: QUOTA_LIMIT_MAX, help: 'Services of one tenant.' },
  'quota.instances': {
    kind: 'integer',
    default: 150_000,
    min: 0,
    max: QUOTA_LIMIT_MAX,
    help: 'Instances of one tenant.',
  },
  'quota.schemas': { kind: 'integer', default: 100, min: 0, max: QUOTA_LIMIT_MAX, help: 'Contracts of one service.' },
  'quota.tags': { kind: 'integer', default: 100, min: 0, max: QUOTA_LIMIT_MAX, help: 'Tags of one service.' },
  'quota.accounts': { kind: 'integer', default: 1000, min: 0, max: QUOTA_LIMIT_MAX, help: 'Accounts, all together.' },
  'quota.roles': { kind: 'integer', default: 100, min: 0, max: QUOTA_LIMIT_MAX, help: 'Roles, all together.' },
  'retire.everyHours': {
    kind: 'integer',
    default: 0,
    min: 0,
    max: 168,
    help: 'Time between removals of old service versions and of contents that no contract has any more, hours; 0: never.',
  },
  'retire.keep': {
    kind: 'integer',
    default: 3,
    min: 1,
    max: 1000,
    help: 'So many newest versions of each service name are never retired.',
  },
  'retire.minAgeHours': {
    kind: 'integer',
    default: 24,
    min: 0,
    max: 87_600,
    help: 'A service version that was created or changed more recently is not retired, hours.',
  },
  'policies.kieUrl': {
    kind: 'text',
    default: '',
    help: 'Address of the ServiceComb KIE server that keeps governance policies; empty: there are none.',
  },
  'policies.timeoutMs': {
    kind: 'integer',
    default: 5000,
    min: 1,
    max: 60_000,
    help: 'How long an answer of that server may take, milliseconds.',
  },
  ...MONITORING_SETTINGS,
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
