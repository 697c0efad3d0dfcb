import { encodeText } from '@rollcall/protocol/encode'
import type { BeatBatch, BulkStatus, PropertiesBody, RegisterInstance } from '@rollcall/protocol/requests'
import {
  BEAT,
  BEAT_BATCH,
  BULK_STATUS,
  DRAIN,
  INSTANCE_PROPERTIES,
  INSTANCE_STATUS,
  PROPERTIES,
  REGISTER_INSTANCE,
  REGISTER_TARGET,
  UNREGISTER_INSTANCE,
} from '@rollcall/protocol/requests'
import type { Drains, Instances } from '../../domain/registry/index.ts'
import { fail } from '../../kernel/failure.ts'
import { DRAIN_SECONDS_MAX, INSTANCE_BODY_BYTES_MAX, PROPERTIES_BODY_BYTES_MAX } from '../../kernel/limits.ts'
import type { MaybePromise } from '../../storage/store.ts'
import { EMPTY, json, jsonText } from '../answers.ts'
import { instanceMade, ofInstance } from '../audited.ts'
import type { Answer, Audited, Call, Route } from '../call.ts'
import { check, checkedBody, checkedIds, wholeNumber } from '../checked.ts'
import { may } from '../permission.ts'
import { ofBeatBatch, ofService } from '../scopes.ts'

const BASE = '/v4/:project/registry'
const ONE = `${BASE}/microservices/:serviceId/instances/:instanceId`

/** Which instances these are, only the registry knows; what was asked says enough. */
const MANY_STATUSES: Audited = {
  action: 'instance.status',
  resource: () => '',
  outcome: ({ body }) => JSON.stringify(body),
}

/** Instances: register, keep alive, change, drain and unregister. */
export function instanceRoutes(instances: Instances, drains: Drains): Route[] {
  const at = { family: 'v4' } as const
  const change = { ...at, permission: may('update', 'service', ofService) } as const
  return [
    {
      ...at,
      method: 'POST',
      path: `${BASE}/microservices/:serviceId/instances`,
      permission: may('create', 'service', ofService),
      audit: instanceMade,
      body: { shape: REGISTER_INSTANCE, bytesMax: INSTANCE_BODY_BYTES_MAX },
      handle: (call) => register(instances, call),
    },
    {
      ...at,
      method: 'DELETE',
      path: ONE,
      permission: may('delete', 'service', ofService),
      audit: ofInstance('instance.unregister'),
      handle: (call) => unregister(instances, call),
    },
    {
      ...change,
      method: 'PUT',
      path: `${ONE}/properties`,
      audit: ofInstance('instance.properties'),
      body: { shape: PROPERTIES, bytesMax: PROPERTIES_BODY_BYTES_MAX },
      handle: (call) => setProperties(instances, call),
    },
    {
      ...change,
      method: 'PUT',
      path: `${ONE}/status`,
      audit: ofInstance('instance.status'),
      handle: (call) => setStatus(instances, call),
    },
    {
      ...change,
      method: 'PUT',
      path: `${ONE}/drain`,
      audit: ofInstance('instance.drain'),
      handle: (call) => beginDrain(drains, call),
    },
    {
      ...change,
      method: 'DELETE',
      path: `${ONE}/drain`,
      audit: ofInstance('instance.undrain'),
      handle: (call) => cancelDrain(drains, call),
    },
    {
      ...change,
      method: 'PUT',
      path: `${ONE}/heartbeat`,
      audit: 'beat',
      urgency: 'high',
      handle: (call) => beat(instances, call),
    },
    {
      ...at,
      method: 'PUT',
      path: `${BASE}/heartbeats`,
      urgency: 'high',
      permission: may('update', 'service', ofBeatBatch),
      audit: 'beat',
      body: { shape: BEAT_BATCH },
      handle: (call) => beatAll(instances, call),
    },
    {
      ...at,
      method: 'PUT',
      path: `${BASE}/instances/status`,
      permission: may('update', 'service'),
      audit: MANY_STATUSES,
      body: { shape: BULK_STATUS },
      handle: (call) => setStatusWhere(instances, call),
    },
  ]
}

function register(instances: Instances, call: Call): MaybePromise<Answer> {
  const { instance } = checkedBody<RegisterInstance>(call, REGISTER_INSTANCE)
  const { serviceId } = checkedIds(call, REGISTER_TARGET)
  const id = instances.register(call.tenant, serviceId, instance)
  return id instanceof Promise ? id.then(registered) : registered(id)
}

function registered(instanceId: string): Answer {
  return { ...jsonText(`{"instanceId":${encodeText(instanceId)}}`), made: instanceId }
}

async function unregister(instances: Instances, call: Call): Promise<Answer> {
  const { serviceId, instanceId } = checkedIds(call, UNREGISTER_INSTANCE)
  await instances.unregister(call.tenant, serviceId, instanceId)
  return EMPTY
}

async function setProperties(instances: Instances, call: Call): Promise<Answer> {
  const ids = checkedIds(call, INSTANCE_PROPERTIES)
  const { properties = {} } = call.body as PropertiesBody
  await instances.setProperties({ tenant: call.tenant, ...ids }, properties)
  return EMPTY
}

async function setStatus(instances: Instances, call: Call): Promise<Answer> {
  const ids = { serviceId: call.params.serviceId ?? '', instanceId: call.params.instanceId ?? '' }
  const status = call.query.get('value')
  check(INSTANCE_STATUS, { ...ids, status })
  await instances.setStatus({ tenant: call.tenant, ...ids }, status)
  return EMPTY
}

async function beginDrain(drains: Drains, call: Call): Promise<Answer> {
  const ids = checkedIds(call, DRAIN)
  await drains.begin({ tenant: call.tenant, ...ids }, wholeNumber(call, 'seconds', DRAIN_SECONDS_MAX))
  return EMPTY
}

async function cancelDrain(drains: Drains, call: Call): Promise<Answer> {
  await drains.cancel({ tenant: call.tenant, ...checkedIds(call, DRAIN) })
  return EMPTY
}

/**
 * The most frequent request of all. Ids of living instances are sound, so the rules are only looked at when the
 * heartbeat fails.
 */
function beat(instances: Instances, call: Call): MaybePromise<Answer> {
  const { serviceId = '', instanceId = '' } = call.params
  try {
    const beaten = instances.beat(call.tenant, serviceId, instanceId)
    return beaten instanceof Promise ? beaten.then(() => EMPTY) : EMPTY
  } catch (refusal) {
    check(BEAT, { serviceId, instanceId })
    throw refusal
  }
}

async function beatAll(instances: Instances, call: Call): Promise<Answer> {
  const { instances: asked = [] } = call.body as BeatBatch
  if (asked.length === 0) fail('InvalidParameters', 'Request format invalid.')
  const wanted = new Map<string, { serviceId: string; instanceId: string }>()
  for (const element of asked) {
    if (element === null) return fail('InvalidParameters', 'invalid nil pointer')
    const { serviceId = '', instanceId = '' } = element
    wanted.set(`${serviceId}/${instanceId}`, { serviceId, instanceId })
  }
  const targets = [...wanted.values()]
  const alive = await instances.beatAll(call.tenant, targets)
  return json({
    instances: targets.map(({ serviceId, instanceId }, index) => ({
      ...(serviceId === '' ? {} : { serviceId }),
      ...(instanceId === '' ? {} : { instanceId }),
      ...(alive[index] === true
        ? {}
        : { errMessage: 'Instance does not exist(leaseId not exist, instance not exist)' }),
    })),
  })
}

/** Words that are no state are refused here, although Service Center stores them: clients cannot read such instances. */
async function setStatusWhere(instances: Instances, call: Call): Promise<Answer> {
  const { matches, status = '' } = call.body as BulkStatus
  check(BULK_STATUS, { status })
  await instances.setStatusWhere(call.tenant, matches?.properties ?? {}, status)
  return EMPTY
}
