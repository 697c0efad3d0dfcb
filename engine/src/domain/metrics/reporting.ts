import type { Samples } from './samples.ts'
import { selectInstances, selectVersions } from './select.ts'
import type { InstanceSource } from './sources.ts'
import type { ReportingInstance, ReportingVersion, Selection, Tenant } from './types.ts'

/** Who has reported as long as anything of it is kept, and when last. */
export function listReporting(samples: Samples, tenant: Tenant, selection: Selection): ReportingVersion[] {
  const versions: ReportingVersion[] = []
  for (const version of selectVersions(samples, tenant, selection)) {
    const instances = [...selectInstances(version, selection)].map((instance) => reporting(samples, instance))
    if (instances.length === 0) continue
    const lastAt = instances.reduce((latest, instance) => Math.max(latest, instance.lastAt), 0)
    const isSilent = instances.every((instance) => instance.isSilent)
    const { calls, failures } = version
    versions.push({ tenant: version.tenant, id: version.id, instances, lastAt, isSilent, calls, failures })
  }
  return versions
}

function reporting(samples: Samples, instance: InstanceSource): ReportingInstance {
  const { id, lastAt, gauges, rings } = instance
  const { instanceId, instance: host, serviceId } = id
  const isSilent = samples.isSilent(instance)
  return { instanceId, instance: host, serviceId, lastAt, isSilent, interfaces: rings.size, gauges }
}
