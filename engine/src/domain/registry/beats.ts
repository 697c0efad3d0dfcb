import type { Clock } from '../../kernel/clock.ts'
import type { Committer } from '../../storage/commit.ts'
import type { LeaseId } from '../../storage/store.ts'
import type { InstanceNode } from './types.ts'

/**
 * Takes a heartbeat of each instance.
 * @returns the leases that have ended: their instances are going away, although the view still shows them
 */
export async function beatAll(
  committer: Committer,
  clock: Clock,
  instances: readonly InstanceNode[],
): Promise<LeaseId[]> {
  const leased = instances.flatMap((node) => (node.lease === undefined ? [] : [{ node, lease: node.lease }]))
  const renewed = await committer.renew(leased.map(({ lease }) => lease))
  const now = clock.monotonic()
  return leased.flatMap(({ node, lease }, index) => {
    if (renewed[index] !== true) return [lease]
    node.beatAt = now
    return []
  })
}
