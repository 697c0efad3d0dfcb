import { type NameGroup, namePath } from './name-group.ts'
import { isOwnName, OWN_ENVIRONMENT } from './shared.ts'
import type { Tenant } from './types.ts'
import type { RegistryView } from './view.ts'

/** The engine's own services of a name, which are seen from every environment. */
export function ownGroup(
  view: RegistryView,
  tenant: Tenant,
  { appId, serviceName }: { readonly appId: string; readonly serviceName: string },
): NameGroup | undefined {
  if (!isOwnName(tenant, appId, serviceName)) return undefined
  return view.byName(tenant, namePath({ environment: OWN_ENVIRONMENT, appId }, serviceName))
}
