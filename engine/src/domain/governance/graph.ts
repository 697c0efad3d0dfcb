import { Pace } from '../../kernel/pace.ts'
import type { KnownService } from '../registry/index.ts'
import type { Relations } from './details.ts'

/** A service in the form of Service Center's console, which colours and places nothing by itself. */
interface GraphNode {
  readonly id: string
  readonly name: string
  readonly appId: string
  readonly version: string
  readonly type: ''
  readonly color: ''
  readonly position: ''
}

/** Services as the nodes of a graph, each as JSON. */
export function* nodesOf(services: readonly KnownService[]): Iterable<string> {
  for (const service of services) yield JSON.stringify(nodeOf(service))
}

/** Lines from each consumer to each of its providers, as far as both are shown; each as JSON. */
export async function* linesOf(services: readonly KnownService[], dependencies: Relations): AsyncIterable<string> {
  const pace = new Pace()
  const shown = new Set(services)
  for (const consumer of services) {
    const pause = pace.step()
    if (pause !== undefined) await pause
    const providers = dependencies.providersOf(consumer)
    for (const provider of providers)
      if (provider !== consumer && shown.has(provider)) yield JSON.stringify(lineOf(consumer, provider))
  }
}

function nodeOf({ id, record }: KnownService): GraphNode {
  const { serviceName = '', appId = '', version = '' } = record
  return { id, name: serviceName, appId, version, type: '', color: '', position: '' }
}

function lineOf(consumer: KnownService, provider: KnownService): object {
  const to = { ...nodeOf(provider), appId: '', version: '' }
  return { from: nodeOf(consumer), to, type: '', color: '', descriptor: '' }
}
