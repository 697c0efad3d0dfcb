import type { KnownService } from '../registry/index.ts'
import type { Relations } from './details.ts'

interface GraphNode {
  readonly id: string
  readonly name: string
  readonly appId: string
  readonly version: string
  readonly type: ''
  readonly color: ''
  readonly position: ''
}

/** Who uses whom, in the form of Service Center's console; nothing is left out, empty lists are null. */
export interface Graph {
  readonly nodes: readonly GraphNode[] | null
  readonly lines: readonly object[] | null
  readonly circles: null
}

/** Draws services as nodes, and a line from each consumer to each of its providers. */
export function drawGraph(services: readonly KnownService[], dependencies: Relations): Graph {
  const shown = new Set(services)
  const nodes = services.map(nodeOf)
  const lines = services.flatMap((consumer) =>
    dependencies
      .providersOf(consumer)
      .filter((provider) => provider !== consumer && shown.has(provider))
      .map((provider) => lineOf(consumer, provider)),
  )
  return { nodes: nodes.length === 0 ? null : nodes, lines: lines.length === 0 ? null : lines, circles: null }
}

function nodeOf({ id, record }: KnownService): GraphNode {
  const { serviceName = '', appId = '', version = '' } = record
  return { id, name: serviceName, appId, version, type: '', color: '', position: '' }
}

function lineOf(consumer: KnownService, provider: KnownService): object {
  const to = { ...nodeOf(provider), appId: '', version: '' }
  return { from: nodeOf(consumer), to, type: '', color: '', descriptor: '' }
}
