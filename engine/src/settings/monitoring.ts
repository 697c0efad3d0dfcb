import type { Setting } from './setting.ts'

const GIB = 1_073_741_824

/** What is kept of metrics and transactions. */
export const MONITORING_SETTINGS = {
  'metrics.fineSeconds': {
    kind: 'integer',
    default: 10,
    min: 1,
    max: 60,
    help: 'Fine resolution of metrics, seconds; an instance that reports nothing for three times that counts as silent.',
  },
  'metrics.fineRetentionSeconds': {
    kind: 'integer',
    default: 300,
    min: 60,
    max: 3600,
    help: 'How long metrics are kept at fine resolution, seconds.',
  },
  'metrics.coarseSeconds': {
    kind: 'integer',
    default: 60,
    min: 10,
    max: 3600,
    help: 'Coarse resolution of metrics, seconds.',
  },
  'metrics.coarseRetentionHours': {
    kind: 'integer',
    default: 24,
    min: 1,
    max: 168,
    help: 'How long metrics are kept at coarse resolution, hours.',
  },
  'metrics.interfacesPerInstance': {
    kind: 'integer',
    default: 500,
    min: 1,
    max: 1000,
    help: 'Interfaces kept of one instance; those that were reported last stay.',
  },
  'metrics.maxMegabytes': {
    kind: 'integer',
    default: 256,
    min: 1,
    max: 65_536,
    help: 'Memory for all metrics; when it is used up the oldest go first, megabytes.',
  },
  'journal.maxMegabytes': {
    kind: 'integer',
    default: 4096,
    min: 1,
    max: 1_048_576,
    help: 'Disk for metrics, transactions and whatever else goes to journal.mdb; beyond it new entries are refused, megabytes.',
  },
  'transactions.retentionHours': {
    kind: 'integer',
    default: 24,
    min: 1,
    max: 8760,
    help: 'How long transactions that ended are kept, hours; those in flight are kept for ever.',
  },
  'transactions.maxBytes': {
    kind: 'integer',
    default: 268_435_456,
    min: 1_048_576,
    max: 64 * GIB,
    help: 'Memory for transactions, bytes; beyond it those that ended go early, then new ones are refused.',
  },
} as const satisfies Readonly<Record<string, Setting>>
