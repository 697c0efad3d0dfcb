import type { Instance } from '@rollcall/protocol/documents'
import { STATUS_CHANGES_PER_COMMIT_MAX } from '../../kernel/limits.ts'
import { Pace } from '../../kernel/pace.ts'
import type { Committer, Plan } from '../../storage/commit.ts'
import { decideInstanceChange } from './decide.ts'
import { isOwnService } from './shared.ts'
import type { InstanceNode, Tenant } from './types.ts'
import type { RegistryView } from './view.ts'

interface Change {
  readonly properties: Readonly<Record<string, string>>
  readonly status: string
}

interface Registry {
  readonly view: RegistryView
  readonly committer: Committer
}

/**
 * Sets the state of every instance of the tenant that has all of `properties`: all or nothing of a commit's worth of them,
 * more in one commit after another. The engine's own are not meant: a tenant that takes all its instances out of service
 * would turn clients away from it.
 */
export async function setStatusWhere(
  registry: Registry,
  tenant: Tenant,
  { properties, status }: Change,
): Promise<void> {
  const found = await findWhere(registry.view, tenant, properties)
  for (let at = 0; at < found.length; at += STATUS_CHANGES_PER_COMMIT_MAX) {
    const some = found.slice(at, at + STATUS_CHANGES_PER_COMMIT_MAX)
    await registry.committer.change(() => decideStatus(registry.view, some, status))
  }
}

/** All instances are looked at, so others have their turn meanwhile. */
async function findWhere(
  view: RegistryView,
  tenant: Tenant,
  properties: Change['properties'],
): Promise<InstanceNode[]> {
  const wanted = Object.entries(properties)
  const pace = new Pace()
  const found: InstanceNode[] = []
  for (const { record, instances } of view.services(tenant)) {
    if (isOwnService(tenant, record)) continue
    for (const node of [...instances.values()]) {
      const pause = pace.step()
      if (pause !== undefined) await pause
      const { properties: has = {} } = JSON.parse(node.text) as Instance
      if (wanted.every(([key, value]) => Object.hasOwn(has, key) && has[key] === value)) found.push(node)
    }
  }
  return found
}

/** The instances as they are now; those that have gone are left out. */
function decideStatus(view: RegistryView, nodes: readonly InstanceNode[], status: string): Plan<void> {
  const plans = nodes.flatMap(({ service, id }) => {
    const current = view.instance(service.tenant, service.id, id)
    return current === undefined ? [] : [decideInstanceChange(current, { status })]
  })
  return {
    guards: plans.flatMap(({ guards }) => guards),
    writes: plans.flatMap(({ writes }) => writes),
    result: undefined,
  }
}
