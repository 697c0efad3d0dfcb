import { sha1 } from '../../kernel/ids.ts'
import type { InstanceList, InstanceNode, ServiceNode } from './types.ts'

/** The answer that lists the instances of `services`, those that are being drained only when asked for. */
export function listInstances(services: Iterable<ServiceNode>, withDraining = false): InstanceList {
  const instances: InstanceNode[] = []
  let hidden = 0
  for (const service of services) {
    for (const instance of service.instances.values()) {
      if (instance.drainingUntil === undefined || withDraining) instances.push(instance)
      else hidden++
    }
  }
  instances.sort(byId)
  const text = `[${instances.map((instance) => instance.text).join(',')}]`
  return {
    revision: revisionOf(instances),
    bytes: Buffer.from(`{"instances":${text}}`),
    text,
    count: instances.length,
    hidden,
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
