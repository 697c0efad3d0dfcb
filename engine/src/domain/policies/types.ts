/** How calls of some services are to be governed: retried, limited, cut off and so on. */
export interface Policy {
  readonly id: string
  readonly name: string
  readonly status: string
  /** Service Center's spelling. */
  readonly creatTime?: number
  readonly updateTime?: number
  /** What it is for: `app`, `environment`, and whatever else people use. */
  readonly selector: Readonly<Record<string, string>>
  readonly kind: string
  readonly spec: Readonly<Record<string, unknown>>
}

/** What a client sends of a policy. */
export interface GivenPolicy {
  readonly name?: string
  readonly status?: string
  readonly selector?: Readonly<Record<string, string>>
  readonly spec?: Readonly<Record<string, unknown>>
}

/** Whose policies are meant, and on whose behalf the store is asked. */
export interface Asker {
  readonly project: string
  /** The caller's credential, as sent; empty when there is none. */
  readonly authorization: string
}

/** Which policies are asked for. */
export interface Asked {
  /** Empty: of every kind. */
  readonly kind: string
  /** Those with these labels, and perhaps others. */
  readonly labels: Readonly<Record<string, string>>
}

/** Where policies are kept. Declared here, provided by engine.ts. Every method throws (or rejects with) Internal. */
export interface PolicyStore {
  list(asker: Asker, asked: Asked): Promise<readonly Policy[]>
  get(asker: Asker, id: string): Promise<Policy>
  /** @returns its id */
  create(asker: Asker, policy: Omit<Policy, 'id' | 'creatTime' | 'updateTime'>): Promise<string>
  change(asker: Asker, id: string, change: Pick<Policy, 'spec' | 'status'>): Promise<void>
  remove(asker: Asker, ids: readonly string[]): Promise<void>
}

/** Refusals of this module. */
export type PolicyFailure = 'InvalidParameters' | 'Internal'
