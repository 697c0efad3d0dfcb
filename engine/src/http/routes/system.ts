import type { Discovery, Preservation, PreservedService } from '../../domain/registry/index.ts'
import { OWN_APP, OWN_TENANT } from '../../domain/registry/index.ts'
import { fail } from '../../kernel/failure.ts'
import { EMPTY, json, jsonText } from '../answers.ts'
import type { Answer, Call, Route } from '../call.ts'
import { may } from '../permission.ts'

interface Needs {
  readonly version: string
  readonly discovery: Discovery
  readonly preservation: Preservation
  /** Whether the engine takes requests: false from the moment it begins to stop. */
  readonly isReady: () => boolean
}

/** The engine itself: version, health, readiness, and what operators steer. */
export function systemRoutes(needs: Needs): Route[] {
  const v4 = { family: 'v4', method: 'GET' } as const
  const plain = { family: 'plain', method: 'GET' } as const
  const preservation = '/v4/:project/admin/self-preservation'
  return [
    {
      ...v4,
      path: '/v4/:project/registry/version',
      permission: 'public',
      handle: () => version(needs.version, '4.0.0'),
    },
    { ...plain, path: '/version', permission: 'public', handle: () => version(needs.version, '3.0.0') },
    {
      ...v4,
      path: '/v4/:project/registry/health',
      permission: 'public',
      urgency: 'high',
      handle: () => health(needs.discovery),
    },
    { ...plain, path: '/health', permission: 'public', urgency: 'high', handle: () => health(needs.discovery) },
    {
      ...v4,
      path: '/v4/:project/registry/health/readiness',
      permission: 'public',
      urgency: 'high',
      handle: () => readiness(needs),
    },
    // Nothing is synchronised with other clusters: there are no peers.
    { ...plain, path: '/v1/syncer/health', permission: 'public', handle: () => json({ peers: [] }) },
    {
      ...v4,
      path: preservation,
      permission: may('get', 'ops'),
      handle: (call) => listPreserved(needs.preservation, call),
    },
    {
      ...v4,
      method: 'DELETE',
      path: `${preservation}/:serviceId`,
      permission: may('delete', 'ops'),
      audit: {
        action: 'self-preservation.delete',
        resource: ({ params }) => params.serviceId ?? '',
        state: (call) => preservedState(needs.preservation, call),
      },
      handle: (call) => release(needs.preservation, call),
    },
  ]
}

function version(engineVersion: string, apiVersion: string): Answer {
  return json({ ...versionInfo(engineVersion), apiVersion })
}

/** Where Service Center calls systems and processors otherwise than Node does. */
const OTHER_NAMES: Readonly<Record<string, string>> = { win32: 'windows', sunos: 'solaris', x64: 'amd64', ia32: '386' }

/** What this build is, under the names that Service Center's clients read. */
export function versionInfo(engineVersion: string): object {
  const { arch, platform, version: nodeVersion } = process
  const [os, processor] = [platform, arch].map((name) => OTHER_NAMES[name] ?? name)
  const buildTag = `rollcall-${engineVersion}`
  return { version: engineVersion, buildTag, goVersion: `node-${nodeVersion}`, os, arch: processor }
}

/** The engine's own instances; clients replace their list of addresses with it. */
async function health(discovery: Discovery): Promise<Answer> {
  const query = { environment: '', appId: OWN_APP, serviceName: 'SERVICECENTER', tags: [], consumerId: '' }
  const { text } = await discovery.find(OWN_TENANT, query)
  return jsonText(`{"instances":${text}}`)
}

function readiness({ isReady }: Needs): Answer {
  return isReady() ? json({ status: 'READY' }) : { ...json({ status: 'STOPPING' }), status: 503 }
}

function listPreserved(preservation: Preservation, { tenant }: Call): Answer {
  return json({ services: preservation.list(tenant).map(preserved) })
}

function preserved({ service, instances, silent, sinceMs, untilMs }: PreservedService): object {
  const { serviceId, environment = '', appId, serviceName, version: serviceVersion } = service.record
  const key = { serviceId, environment, appId, serviceName, version: serviceVersion }
  return { ...key, instances, silent, since: seconds(sinceMs), until: seconds(untilMs) }
}

function preservedState(preservation: Preservation, { tenant, params }: Call): string | undefined {
  const known = preservation.list(tenant).find(({ service }) => service.id === params.serviceId)
  return known === undefined ? undefined : JSON.stringify(preserved(known))
}

function seconds(ms: number): string {
  return String(Math.floor(ms / 1000))
}

function release(preservation: Preservation, { tenant, params }: Call): Answer {
  const id = params.serviceId ?? ''
  if (!preservation.release(tenant, id)) fail('ServiceNotFound', `service ${id} is not preserved at the moment`)
  return EMPTY
}
