import type { ServiceKey } from '@rollcall/protocol/documents'
import type { ErrorBody } from '@rollcall/protocol/errors'
import type { FindBatch } from '@rollcall/protocol/requests'
import type { KnownInstance } from './instances.ts'
import type { Transport } from './transport.ts'

/** Which instances are wanted: all versions under a name or alias. */
export interface FindQuery {
  /** `default` when left out. */
  readonly appId?: string | undefined
  readonly serviceName: string
  /** Passed on; unless its `discovery.versionRules` say otherwise, an engine answers all versions (`matchesVersion` filters). `0+` when left out. */
  readonly version?: string | undefined
  /** Without a consumer: the provider's environment. With one, the consumer's counts. */
  readonly environment?: string | undefined
  /** Service id of who asks; it is told of changes from then on, if it watches. */
  readonly consumerId?: string | undefined
  /** The revision of the answer that the caller has. */
  readonly rev?: string | undefined
}

/** The revision is opaque: it changes exactly when the answer does. */
export type FindAnswer =
  | { readonly kind: 'changed'; readonly revision: string; readonly instances: readonly KnownInstance[] }
  | { readonly kind: 'unchanged'; readonly revision: string }

export interface BatchHalf {
  /** Positions in the request, by error. */
  readonly failed?: readonly { readonly indexes: readonly number[]; readonly error: ErrorBody }[]
  readonly notModified?: readonly number[]
  readonly updated?: readonly {
    readonly index: number
    readonly rev: string
    readonly instances?: readonly KnownInstance[]
  }[]
}

/** A half is absent when nothing was asked for it. */
export interface BatchAnswer {
  readonly services?: BatchHalf
  readonly instances?: BatchHalf
}

export interface Finder {
  /** @throws RollcallError 400012 for an unknown consumer or provider; ConnectionError */
  find(query: FindQuery): Promise<FindAnswer>
  /** Many finds in one request. @throws RollcallError, ConnectionError */
  findBatch(wanted: FindBatch, consumerId?: string): Promise<BatchAnswer>
  /** Tells the engine that a consumer uses providers, which need not exist yet. @throws RollcallError 400012 */
  declareDependencies(consumer: ServiceKey, providers: readonly ServiceKey[]): Promise<void>
}

export function findCalls(transport: Transport): Finder {
  return {
    async find({ appId = 'default', serviceName, version = '0+', environment, consumerId, rev }) {
      const query = { appId, serviceName, version, env: environment, rev }
      const reply = await transport.send({ method: 'GET', path: ['instances'], query, consumerId })
      const { status, revision } = reply
      if (status === 304) return { kind: 'unchanged', revision }
      const { instances = [] } = reply.body as { instances?: readonly KnownInstance[] }
      return { kind: 'changed', revision, instances }
    },
    async findBatch(wanted, consumerId) {
      const path = ['instances', 'action']
      const request = { method: 'POST', path, query: { type: 'query' }, body: wanted, isRepeatable: true } as const
      const { body } = await transport.send({ ...request, consumerId })
      return body as BatchAnswer
    },
    async declareDependencies(consumer, providers) {
      const body = { dependencies: [{ consumer, providers }] }
      await transport.send({ method: 'POST', path: ['dependencies'], body, isRepeatable: true })
    },
  }
}
