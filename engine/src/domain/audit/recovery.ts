import type { AuditEntry } from '@rollcall/protocol/audit'
import type { AuditRecord } from './types.ts'

/** An instance that is registered. */
export interface Registered {
  readonly tenant: string
  readonly serviceId: string
  readonly instanceId: string
  /** Its document. */
  readonly text: string
}

/** So much earlier than its entry, at most, an instance is registered. */
export const REGISTERED_BEFORE_MS = 10_000

/**
 * Answers to registrations do not wait for their entries, so a crash can take the latest of these. But what was
 * registered is in the registry: entries for instances that came after `since` and are in none of `known`.
 */
export function lostRegistrations(
  instances: Iterable<Registered>,
  since: number,
  known: readonly Pick<AuditEntry, 'resource' | 'after'>[],
): AuditRecord[] {
  const told = new Set(known.flatMap(({ resource, after }) => [resource, ...madeWith(resource, after)]))
  const lost: AuditRecord[] = []
  for (const { tenant, serviceId, instanceId, text } of instances) {
    if (secondsOf(text) * 1000 < since) continue
    const resource = `${serviceId}/${instanceId}`
    if (told.has(resource)) continue
    const head = { account: '', address: '', agent: '', action: 'instance.register', tenant, resource, result: 'ok' }
    lost.push({ ...head, detail: 'found at the start of the engine; who did it was not written any more', after: text })
  }
  return lost
}

/** The instances that were registered together with their service. */
function madeWith(serviceId: string, after: unknown): string[] {
  const { instances } = (after ?? {}) as { readonly instances?: unknown }
  return Array.isArray(instances) ? instances.map((id) => `${serviceId}/${id}`) : []
}

const TIMESTAMP = '"timestamp":"'

/** When an instance was registered, without parsing the rest of its document. */
function secondsOf(text: string): number {
  const at = text.lastIndexOf(TIMESTAMP)
  return at < 0 ? 0 : Number.parseInt(text.slice(at + TIMESTAMP.length), 10) || 0
}
