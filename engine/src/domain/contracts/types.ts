import type { Revision } from '../../storage/store.ts'

/** Refusals of this module. */
export type ContractFailure =
  | 'InvalidParameters'
  | 'ServiceNotFound'
  | 'SchemaUndefined'
  | 'SchemaReadOnly'
  | 'SchemaNotFound'

/** A contract as it is uploaded. */
export interface Contract {
  readonly schemaId: string
  /** Chosen by the client, usually a digest of the content; empty when not given. */
  readonly summary: string
  /** The content: Swagger or OpenAPI as YAML or JSON, or anything else. */
  readonly schema: string
}

/** A contract in memory: everything but its content. */
export interface ContractNode {
  readonly schemaId: string
  /** Names the content. */
  readonly hash: string
  readonly summary: string
  /** Revision of the reference to the content; 0 when there is none. */
  readonly revision: Revision
  readonly summaryRevision: Revision
}
