import { GET_SUBSCRIBERS } from '@rollcall/protocol/requests'
import type { Dependencies } from '../../domain/dependency/index.ts'
import type { Discovery, KnownService, ServiceId, Subscriber, Tenant } from '../../domain/registry/index.ts'
import { json } from '../answers.ts'
import type { Answer, Call, Route } from '../call.ts'
import { checkedIds } from '../checked.ts'
import { may } from '../permission.ts'
import { ofService } from '../scopes.ts'
import { visible } from '../visible.ts'

interface Needs {
  readonly discovery: Discovery
  readonly dependencies: Dependencies
  /** Number of open watches of a consumer. Declared here, provided by the watch hub. */
  readonly watchesOf: (tenant: Tenant, id: ServiceId) => number
}

/** Who listens to a service: consumers that find it or watch it, as this engine has seen them since its start. */
export function subscriberRoutes(needs: Needs): Route[] {
  const path = '/v4/:project/registry/microservices/:serviceId/subscribers'
  const permission = may('get', 'service', ofService)
  return [{ method: 'GET', family: 'v4', path, permission, handle: (call) => list(needs, call) }]
}

function list({ discovery, dependencies, watchesOf }: Needs, call: Call): Answer {
  const { tenant } = call
  const { serviceId } = checkedIds(call, GET_SUBSCRIBERS)
  const found = discovery.subscribers(tenant, serviceId)
  const finding = new Map(found.map((subscriber) => [subscriber.consumer, subscriber]))
  const watching = [...dependencies.eachConsumer(discovery.service(tenant, serviceId))].filter(
    (consumer) => !finding.has(consumer) && watchesOf(consumer.tenant, consumer.id) > 0,
  )
  const consumers = [...visible(call, [...finding.keys(), ...watching])].sort((one, other) =>
    one.id < other.id ? -1 : 1,
  )
  return json({
    subscribers: consumers.map((consumer) => ({
      ...named(consumer),
      ...polled(finding.get(consumer)),
      watches: watchesOf(consumer.tenant, consumer.id),
    })),
  })
}

function named({ id: serviceId, record }: KnownService): object {
  const { environment = '', appId, serviceName, version } = record
  return { serviceId, environment, appId, serviceName, version }
}

/** One that only watches has not been answered anything. */
function polled(subscriber: Subscriber | undefined): object {
  if (subscriber === undefined) return {}
  const { revision, isCurrent, atMs } = subscriber
  return { revision, isCurrent, foundAt: String(Math.floor(atMs / 1000)) }
}
