import { sha1 } from '../../kernel/ids.ts'
import type { InstanceList, InstanceNode, ServiceNode } from './types.ts'

/** The answer that lists all instances of `services`. */
export function listInstances(services: Iterable<ServiceNode>): InstanceList {
  const instances: InstanceNode[] = []
  for (const service of services) for (const instance of service.instances.values()) instances.push(instance)
  instances.sort(byId)
  const text = `[${instances.map((instance) => instance.text).join(',')}]`
  return {
    revision: revisionOf(instances),
    bytes: Buffer.from(`{"instances":${text}}`),
    text,
    count: instances.length,
  }
}

/**
 * A name for exactly this list: it is made of each instance and the store's revision of its last change, so it moves
 * with every change, and every node that reads the same store computes the same.
 */
export function revisionOf(instances: readonly InstanceNode[]): string {
  let marks = ''
  for (const { service, id, revision } of instances) marks += `${service.id}/${id}@${revision},`
  return sha1(marks)
}

function byId(one: InstanceNode, other: InstanceNode): number {
  if (one.id !== other.id) return one.id < other.id ? -1 : 1
  return one.service.id < other.service.id ? -1 : 1
}
