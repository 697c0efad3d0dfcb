import type { HealthCheck, Instance, Microservice } from '@rollcall/protocol/documents'
import type { InstanceLimits } from './types.ts'

const INTERVAL_SECONDS = 30
const TIMES = 3
const INT32_MAX = 2_147_483_647

/** Longest life of a lease without a heartbeat; the product of the largest interval and count would be centuries. */
const TTL_SECONDS_MAX = INT32_MAX

/** The document of a new service: what the request says, completed. */
export function completeService(asked: Microservice, id: string, seconds: string): Microservice {
  return {
    ...asked,
    serviceId: id,
    appId: asked.appId || 'default',
    version: asked.version || '0.0.1',
    level: asked.level || 'BACK',
    status: asked.status || 'UP',
    timestamp: seconds,
    modTimestamp: seconds,
  }
}

/** A service's natural key with defaults in place: enough to look it up, before it has an id. */
export function naturalKey(asked: Microservice): Microservice {
  return { ...asked, appId: asked.appId || 'default', version: asked.version || '0.0.1' }
}

/** The document of a new instance of `service`. */
export function completeInstance(
  asked: Instance,
  ids: { readonly instanceId: string; readonly service: Microservice },
  given: { readonly seconds: string; readonly limits: InstanceLimits },
): Instance {
  return {
    ...asked,
    instanceId: ids.instanceId,
    serviceId: ids.service.serviceId ?? '',
    status: asked.status || 'UP',
    healthCheck: completeHealthCheck(asked.healthCheck, given.limits),
    timestamp: given.seconds,
    modTimestamp: given.seconds,
    version: ids.service.version ?? '',
    // Nobody begins with being drained. Left out as all that is empty.
    drainingUntil: '',
  }
}

/** The health check of a new instance: what the request says, completed. */
export function completeHealthCheck(asked: HealthCheck | undefined, limits: InstanceLimits): HealthCheck {
  if (asked === undefined) return { mode: 'push', interval: INTERVAL_SECONDS, times: TIMES }
  if (asked.mode === 'pull') return { ...asked, interval: INTERVAL_SECONDS, times: TIMES }
  return {
    ...asked,
    interval: Math.max(asked.interval ?? 0, limits.minIntervalSeconds),
    times: Math.max(asked.times ?? 0, limits.minTimes),
  }
}

/** How long an instance lives without a heartbeat, seconds: one interval more than may be missed. */
export function ttlSecondsOf(instance: Pick<Instance, 'healthCheck'>, limits: InstanceLimits): number {
  if (limits.ttlSeconds > 0) return limits.ttlSeconds
  const { interval = INTERVAL_SECONDS, times = TIMES } = instance.healthCheck ?? {}
  return Math.min(interval * (times + 1), TTL_SECONDS_MAX)
}
