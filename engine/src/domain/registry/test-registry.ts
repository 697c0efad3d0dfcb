import type { Instance, Microservice } from '@rollcall/protocol/documents'
import type { ManualClock } from '../../kernel/manual-clock.ts'
import { Committer } from '../../storage/commit.ts'
import type { Fold, Store, Watch } from '../../storage/store.ts'
import { Quotas, QuotaView, StoredLimits } from '../quota/index.ts'
import type { Companion, Usage } from './decide.ts'
import type { UseRecorder } from './discovery.ts'
import { Discovery } from './discovery.ts'
import { Environments } from './environments.ts'
import { Instances, NewInstances } from './instances.ts'
import { Preservation } from './preservation.ts'
import { Services } from './services.ts'
import { Tags } from './tags.ts'
import type { InstanceEvent, InstanceId, ServiceId } from './types.ts'
import { RegistryView } from './view.ts'

/** What stands for the dependency module. */
interface Relations {
  readonly usage: Usage & UseRecorder
  readonly companions: readonly Companion[]
  readonly folds: readonly Fold[]
}

interface Parts {
  readonly clock: ManualClock
  readonly store: Store
  readonly startFeed: (store: Store, folds: readonly Fold[]) => Promise<Watch>
  /** Without it nobody depends on anybody. */
  readonly relate?: (registry: RegistryView, committer: Committer) => Relations
  readonly preservation?: { readonly enabled?: boolean; readonly minInstances?: number; readonly maxSeconds?: number }
  readonly ttlSeconds?: number
}

export const TENANT = 'default/default'

const PLENTY = { service: 1_000_000, instance: 1_000_000, schema: 100, tag: 100, account: 1000, role: 100 }
const ALONE: Relations = {
  usage: { isUsedByOthers: () => false, record() {} },
  companions: [],
  folds: [],
}

/** For tests: the whole registry on a store and a clock of the test's own. */
export async function startRegistry({ clock, store, startFeed, ...options }: Parts) {
  const committer = new Committer(store)
  const view = new RegistryView(clock)
  const { usage, companions, folds } = options.relate?.(view, committer) ?? ALONE
  const environments = new Environments({
    registry: view,
    committer,
    clock,
    free: true,
    countMax: 3,
  })
  const quotaView = new QuotaView()
  const none = () => 0
  const counts = { service: none, instance: none, schema: none, tag: none, account: none, role: none }
  const log = { error() {}, warn() {}, info() {} }
  const quotas = new Quotas({
    source: new StoredLimits({ view: quotaView, committer, defaults: PLENTY, sharedTenant: TENANT }),
    counts,
    log,
  })
  const limits = { minIntervalSeconds: 5, minTimes: 3, ttlSeconds: options.ttlSeconds ?? 0 }
  let lastId = 0
  const newId = () => `new-${++lastId}`
  const newInstances = new NewInstances({ view, clock, limits, newId })
  const preservation = new Preservation(view, clock, {
    enabled: true,
    threshold: 0.8,
    minInstances: 6,
    maxSeconds: 600,
    ...options.preservation,
    instance: limits,
  })
  const events: InstanceEvent[] = []
  view.onInstance((event) => events.push(event))
  await store.open({ spareLeases: (due) => preservation.spare(due) })
  await startFeed(store, [view, quotaView, environments.view, ...folds])
  const relations = { usage, companions, quotas, environments }
  return {
    clock,
    store,
    view,
    committer,
    preservation,
    /** What listeners of instances were told. */
    events,
    services: new Services({ view, committer, relations, newInstances, clock }),
    instances: new Instances({ view, committer, newInstances, quotas, clock }),
    discovery: new Discovery(view, { uses: usage, clock }),
    tags: new Tags(view, committer, quotas),
    environments,
  }
}

export type TestRegistry = Awaited<ReturnType<typeof startRegistry>>

/** Creates a service in the default tenant. @returns its id */
export function createService(
  { services }: Pick<TestRegistry, 'services'>,
  service: Microservice,
  more: { readonly tags?: Readonly<Record<string, string>>; readonly tenant?: string } = {},
): Promise<ServiceId> {
  return services.create(more.tenant ?? TENANT, { service, tags: more.tags, instances: [] })
}

/** Registers an instance in the default tenant. @returns its id */
export async function registerInstance(
  { instances }: Pick<TestRegistry, 'instances'>,
  serviceId: ServiceId,
  instance: Instance = {},
): Promise<InstanceId> {
  return instances.register(TENANT, serviceId, { hostName: 'host', endpoints: ['rest://127.0.0.1:1'], ...instance })
}
