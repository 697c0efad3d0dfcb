import { auditLimits, createAuth, createEnvironments, createPolicies, createQuotas, sharedLimit } from './compose.ts'
import { AuditTrail } from './domain/audit/index.ts'
import { Contracts, ContractView, Retirement } from './domain/contracts/index.ts'
import { Dependencies, DependencyView } from './domain/dependency/index.ts'
import { Metrics, Thresholds, ThresholdView } from './domain/metrics/index.ts'
import { type Quotas, QuotaView } from './domain/quota/index.ts'
import {
  Discovery,
  Drains,
  Instances,
  NewInstances,
  Preservation,
  RegistryView,
  RetiredVersions,
  Services,
  Tags,
} from './domain/registry/index.ts'
import { Transactions } from './domain/transactions/index.ts'
import type { Alarms } from './http/alarms.ts'
import type { Tls } from './http/tls.ts'
import type { Clock } from './kernel/clock.ts'
import { newIdsBy } from './kernel/ids.ts'
import type { Log } from './kernel/log.ts'
import type { Secrets } from './secrets.ts'
import type { Settings } from './settings.ts'
import { Committer } from './storage/commit.ts'
import { CommitMeter } from './storage/commit-meter.ts'
import { FeedMeter } from './storage/feed-meter.ts'
import type { Journal } from './storage/journal.ts'
import type { Store } from './storage/store.ts'

/** All parts that know nothing of HTTP. */
export type Domain = ReturnType<typeof createDomain>

/** What every part may use. */
export interface Surroundings {
  readonly store: Store
  readonly journal: Journal
  readonly clock: Clock
  readonly log: Log
  readonly tls: Tls | undefined
  readonly alarms: Alarms
}

/** What the edge shows of the engine's own state. */
export interface OwnState {
  /** Whether requests are welcome: false from the moment the engine begins to stop. */
  isReady: boolean
  url: string
}

/** Makes the parts and joins them; nothing is read or started yet. */
export function createDomain(settings: Settings, surroundings: Surroundings, secrets: Secrets) {
  const { store, journal, clock, log, alarms } = surroundings
  const commits = new CommitMeter(clock)
  const committer = new Committer(store, commits)
  const registry = new RegistryView(clock)
  const dependencyView = new DependencyView()
  const contractView = new ContractView()
  const quotaView = new QuotaView()
  const thresholdView = new ThresholdView()
  const auth = createAuth(settings, {
    committer,
    clock,
    log,
    givenKeys: secrets.signingKeys,
    limitOf: sharedLimit(() => quotas),
  })
  const quotas: Quotas = createQuotas(settings, { registry, auth, view: quotaView, committer, clock, log })
  const onLostUse = (err: unknown) => log.warn({ err }, 'dependencies seen by finds were not stored')
  const dependencies = new Dependencies({ registry, view: dependencyView, committer, onLostUse })
  const { editable } = settings.contracts
  const contracts = new Contracts({ registry, view: contractView, committer, editable, quotas })
  const newInstances = new NewInstances({ view: registry, clock, limits: settings.instance, newId: newIdsBy(clock) })
  const environments = createEnvironments(settings, { registry, committer, clock })
  const relations = { usage: dependencies, companions: [dependencies, contracts], quotas, environments }
  const limits = { ...settings.discovery.selfPreservation, instance: settings.instance }
  const versions = new RetiredVersions({ view: registry, committer, relations, clock })
  const audit = new AuditTrail({ journal, clock, log, limits: auditLimits(settings) })
  const onRetired = (tenant: string, retired: readonly { readonly id: string }[]) =>
    audit.noteOwn('service.retire', tenant, retired.map(({ id }) => id).join(','))
  return {
    folds: [
      registry,
      dependencyView,
      contractView,
      quotaView,
      environments.view,
      thresholdView,
      ...(auth === undefined ? [] : [auth.view]),
    ],
    auth,
    commits,
    feed: new FeedMeter(clock),
    audit,
    alarms,
    registry,
    dependencies,
    contracts,
    quotas,
    environments,
    policies: createPolicies(settings, clock),
    services: new Services({ view: registry, committer, relations, newInstances, clock }),
    instances: new Instances({ view: registry, committer, newInstances, quotas, clock }),
    retirement: new Retirement({ registry, versions, contracts: contractView, committer, clock, log, onRetired }),
    drains: new Drains({ view: registry, committer, clock, log }),
    tags: new Tags(registry, committer, quotas),
    discovery: new Discovery(registry, { uses: dependencies, clock }),
    ...createMonitoring(settings, surroundings, { view: thresholdView, committer }),
    preservation: new Preservation(registry, clock, limits),
  }
}

function createMonitoring(
  settings: Settings,
  { journal, clock, log, alarms }: Surroundings,
  { view, committer }: { readonly view: ThresholdView; readonly committer: Committer },
) {
  const samples = settings.store.kind === 'memory' ? undefined : journal
  return {
    metrics: new Metrics({ clock, limits: settings.metrics, journal: samples, thresholds: view, alarms, log }),
    thresholds: new Thresholds({ view, committer, clock }),
    transactions: new Transactions({ journal, clock, log, limits: settings.transactions }),
  }
}
