import { randomInt } from 'node:crypto'
import { type Finding, judgeConsistency } from './diagnosis/findings.ts'
import { examineMachine } from './diagnosis/machine.ts'
import { Auth, type LimitOf } from './domain/auth/index.ts'
import { Policies } from './domain/policies/index.ts'
import { Quotas, type QuotaView, StoredLimits } from './domain/quota/index.ts'
import { compareWithStore, Environments, OWN_TENANT, type RegistryView } from './domain/registry/index.ts'
import type { Clock } from './kernel/clock.ts'
import type { Log } from './kernel/log.ts'
import { KieStore } from './kie/kie-store.ts'
import { PasswordHasher } from './processes/password-hasher.ts'
import { RemoteLimits } from './quota-service/remote-limits.ts'
import type { Settings } from './settings.ts'
import type { Committer } from './storage/commit.ts'
import { LmdbStore } from './storage/lmdb/lmdb-store.ts'
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
  const hasher = new PasswordHasher(needs.clock)
  return new Auth({ ...needs, hasher, lockSeconds: auth.lockSeconds, keyDays: auth.keyDays, scope })
}

const MEMORY_MEGABYTES = 16

/** How much of the audit log is kept; in memory less of it. */
export function auditLimits({ store, audit }: Settings): Settings['audit'] {
  return store.kind === 'memory' ? { ...audit, maxMegabytes: Math.min(audit.maxMegabytes, MEMORY_MEGABYTES) } : audit
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
    schema: (tenant: string) => registry.counts(tenant).mostSchemas,
    tag: (tenant: string) => registry.counts(tenant).mostTags,
    account: () => auth?.view.accounts().length ?? 0,
    role: () => auth?.view.roles().length ?? 0,
  }
  const { services: service, instances: instance, schemas: schema, tags: tag, accounts: account, roles: role } = quota
  const defaults = { service, instance, schema, tag, account, role }
  const source =
    quota.kind === 'http'
      ? new RemoteLimits({ ...quota, defaults, clock, log })
      : new StoredLimits({ view, committer, defaults, sharedTenant: OWN_TENANT })
  // Another service is not asked for everybody at once.
  const tenants = quota.kind === 'http' ? () => [] : () => registry.tenants()
  return new Quotas({ source, counts, tenants, log })
}

/** Where services may run. */
export function createEnvironments(
  { environments: { free, max } }: Settings,
  needs: Pick<ConstructorParameters<typeof Environments>[0], 'registry' | 'committer' | 'clock'>,
): Environments {
  return new Environments({ ...needs, free, countMax: max })
}

/** Rules for calls, kept by a configuration server. */
export function createPolicies({ policies }: Settings, clock: Clock): Policies {
  const store = new KieStore({ url: policies.kieUrl, timeoutMs: policies.timeoutMs, clock })
  return new Policies(store, () =>
    randomInt(36 ** 4)
      .toString(36)
      .padStart(4, '0'),
  )
}

/** What all tenants share is limited by the quotas of the engine's own tenant. */
export function sharedLimit(quotas: () => Quotas): LimitOf {
  return async (resource, wanted) => {
    const allowance = await quotas().allowance(OWN_TENANT)
    quotas().note(allowance, resource, wanted)
    return allowance.limits[resource]
  }
}
