import { join } from 'node:path'
import { type Finding, judgeConsistency } from './diagnosis/findings.ts'
import { examineMachine } from './diagnosis/machine.ts'
import { Auth, type LimitOf } from './domain/auth/index.ts'
import { Quotas, type QuotaView, StoredLimits } from './domain/quota/index.ts'
import { compareWithStore, OWN_TENANT, type RegistryView } from './domain/registry/index.ts'
import type { Clock } from './kernel/clock.ts'
import type { Log } from './kernel/log.ts'
import { RemoteLimits } from './quota-service/remote-limits.ts'
import type { Settings } from './settings.ts'
import type { Committer } from './storage/commit.ts'
import type { Journal } from './storage/journal.ts'
import { LmdbJournal } from './storage/lmdb/lmdb-journal.ts'
import { LmdbStore } from './storage/lmdb/lmdb-store.ts'
import { MemoryJournal } from './storage/memory/memory-journal.ts'
import { MemoryStore } from './storage/memory/memory-store.ts'
import type { Store } from './storage/store.ts'

/** Parts of an engine that come in several kinds, made as the settings say. Used by engine.ts only. */

interface Tools {
  readonly clock: Clock
  readonly log: Log
}

/** Where the registry is kept. */
export function createStore({ store }: Settings, clock: Clock): Store {
  return store.kind === 'memory' ? new MemoryStore({ clock }) : new LmdbStore({ path: store.path, clock })
}

/** Where the entries of transactions are kept. */
export function createJournal({ store }: Settings, { clock, log }: Tools): Journal {
  if (store.kind === 'memory') return new MemoryJournal({ clock })
  return new LmdbJournal({
    path: join(store.path, 'journal.mdb'),
    clock,
    onLost: ({ stream, count, cause: err }) => log.warn({ err, stream, count }, 'entries of the journal were lost'),
  })
}

/** Looks at the machine, the data folder, and whether memory is what the store says. */
export function createExaminer({ store: place }: Settings, { store, registry, clock }: ExaminerNeeds) {
  return async (): Promise<readonly Finding[]> => {
    const machine = await examineMachine(place.kind === 'memory' ? undefined : place.path, clock.now())
    const { compared, differing } = await compareWithStore(registry, (prefix) => store.read(prefix))
    return [judgeConsistency(compared, differing), ...machine]
  }
}

interface ExaminerNeeds {
  readonly store: Store
  readonly registry: RegistryView
  readonly clock: Clock
}

/** Access control; undefined when it is off. @throws AuthStartError when a given key cannot be used */
export function createAuth(
  { auth }: Settings,
  needs: Pick<ConstructorParameters<typeof Auth>[0], 'committer' | 'clock' | 'log' | 'givenKeys' | 'limitOf'>,
): Auth | undefined {
  if (auth.mode !== 'on') return undefined
  const scope = auth.scope.trim() === '*' ? 'all' : new Set(auth.scope.split(',').map((type) => type.trim()))
  return new Auth({ ...needs, lockSeconds: auth.lockSeconds, keyDays: auth.keyDays, scope })
}

interface QuotaNeeds extends Tools {
  readonly registry: RegistryView
  readonly auth: Auth | undefined
  readonly view: QuotaView
  readonly committer: Committer
}

/** What tenants may have, and how much of it they have. */
export function createQuotas({ quota }: Settings, needs: QuotaNeeds): Quotas {
  const { registry, auth, view, committer, clock, log } = needs
  const counts = {
    service: (tenant: string) => registry.serviceCount(tenant),
    instance: (tenant: string) => registry.instanceCount(tenant),
    schema: (tenant: string) => registry.mostSchemas(tenant),
    tag: (tenant: string) => registry.mostTags(tenant),
    account: () => auth?.view.accounts().length ?? 0,
    role: () => auth?.view.roles().length ?? 0,
  }
  const { services: service, instances: instance, schemas: schema, tags: tag, accounts: account, roles: role } = quota
  const defaults = { service, instance, schema, tag, account, role }
  const source =
    quota.kind === 'http'
      ? new RemoteLimits({ ...quota, defaults, clock, log })
      : new StoredLimits({ view, committer, defaults })
  return new Quotas({ source, counts, log })
}

/** What all tenants share is limited by the quotas of the engine's own tenant. */
export function sharedLimit(quotas: () => Quotas): LimitOf {
  return async (resource) => (await quotas().allowance(OWN_TENANT)).limits[resource]
}
