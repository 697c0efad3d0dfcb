import type { Instance } from '@rollcall/protocol/documents'
import { STATUS_CHANGES_AT_ONCE_MAX } from '../../kernel/limits.ts'
import { Pace } from '../../kernel/pace.ts'
import { type Committer, type Plan, unchanged } from '../../storage/commit.ts'
import { decideInstanceChange } from './decide.ts'
import { isOwnService } from './shared.ts'
import type { InstanceNode, Tenant } from './types.ts'
import type { RegistryView } from './view.ts'

/**
 * Sets the state of every instance of the tenant that has all of `properties`; each one is changed on its own. The
 * engine's own are not meant: a tenant that takes all its instances out of service would turn clients away from it.
 * All instances are looked at, so others have their turn meanwhile.
 */
export async function setStatusWhere(
  { view, committer }: { readonly view: RegistryView; readonly committer: Committer },
  tenant: Tenant,
  { properties, status }: { readonly properties: Readonly<Record<string, string>>; readonly status: string },
): Promise<void> {
  const wanted = Object.entries(properties)
  const matches = (node: InstanceNode) => {
    const { properties: has = {} } = JSON.parse(node.text) as Instance
    return wanted.every(([key, value]) => Object.hasOwn(has, key) && has[key] === value)
  }
  const set = (node: InstanceNode) =>
    committer.change((): Plan<void> => {
      const current = view.instance(tenant, node.service.id, node.id)
      return current === undefined ? unchanged(undefined) : decideInstanceChange(current, { status })
    })
  const pace = new Pace()
  let changes: Promise<void>[] = []
  for (const { record, instances } of view.services(tenant)) {
    if (isOwnService(tenant, record)) continue
    for (const node of [...instances.values()]) {
      const pause = pace.step()
      if (pause !== undefined) await pause
      if (!matches(node)) continue
      changes.push(set(node))
      if (changes.length < STATUS_CHANGES_AT_ONCE_MAX) continue
      await Promise.all(changes)
      changes = []
    }
  }
  await Promise.all(changes)
}
