import type { Samples } from './samples.ts'
import type { InstanceSource, VersionSource } from './sources.ts'
import type { GroupName, Level, ReportingService, Selection, Tenant } from './types.ts'

/** The versions of a tenant that a selection means. */
export function* selectVersions(samples: Samples, tenant: Tenant, selection: Selection): Iterable<VersionSource> {
  for (const version of samples.versions(tenant)) if (meansVersion(selection, version.id)) yield version
}

function meansVersion(selection: Selection, id: ReportingService): boolean {
  const { environment, appId, serviceNames, version, sees } = selection
  return (
    (sees === undefined || sees(id)) &&
    (environment === undefined || environment === id.environment) &&
    (appId === undefined || appId === id.appId) &&
    (serviceNames === undefined || serviceNames.has(id.serviceName)) &&
    (version === undefined || version === id.version)
  )
}

/** The instances of a version that a selection means. */
export function* selectInstances(version: VersionSource, { instance: wanted }: Selection): Iterable<InstanceSource> {
  for (const instance of version.instances.values()) {
    const { instanceId, instance: host } = instance.id
    if (wanted === undefined || wanted === instanceId || wanted === host) yield instance
  }
}

/** Whether a selection means an interface of this name. */
export function meansFunction({ function: wanted }: Selection, name: string): boolean {
  if (wanted === undefined || wanted === name) return true
  return wanted.endsWith('*') && name.startsWith(wanted.slice(0, -1))
}

/** The name of the group that something belongs to. */
export function groupName(level: Level, of: NamedSource): GroupName {
  const { environment, appId, serviceName, version, instanceId = '', instance = '' } = of.id
  const application = { environment, appId }
  switch (level) {
    case 'application':
      return application
    case 'service':
      return { ...application, serviceName }
    case 'version':
      return { ...application, serviceName, version }
    case 'instance':
      return { ...application, serviceName, version, instanceId, instance }
    case 'interface':
      return { ...application, serviceName, version, functionName: of.functionName ?? '' }
  }
}

interface NamedSource {
  readonly id: ReportingService & { readonly instanceId?: string; readonly instance?: string }
  readonly functionName?: string
}

/** A text that is the same exactly for the same group. */
export function groupKey({ environment, appId, ...rest }: GroupName): string {
  return [environment, appId, ...Object.values(rest)].join('\n')
}
