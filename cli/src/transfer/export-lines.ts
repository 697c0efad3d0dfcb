import type { Contract, KnownInstance } from '@rollcall/client'
import { SealError, type SealedHead } from '@rollcall/protocol/sealed-lines'
import { type Bundle, isInScope, type Scope } from './bundle.ts'

/** Kind and format of export files: sealed lines, each an object with one member that says what it is. */
export const EXPORT = { kind: 'export', format: 1 } as const

/** What an export says of itself, in its first line. */
export interface ExportHead extends SealedHead {
  /** Where it was taken from. */
  readonly source: string
  readonly domain: string
  readonly project: string
  readonly scope: Scope
  /** When it was begun, ms since the epoch. */
  readonly time: number
}

/** A service comes first, then what belongs to it, then its id: before that it is not complete. */
export type ExportLine =
  | { readonly service: Pick<Bundle, 'service' | 'tags' | 'providers'> }
  | { readonly contract: Contract }
  | { readonly instance: KnownInstance }
  | { readonly complete: string }

export function* linesOf({ service, tags, providers, contracts, instances }: Bundle): Generator<ExportLine> {
  yield { service: { service, tags, providers } }
  for (const contract of contracts) yield { contract }
  for (const instance of instances) yield { instance }
  yield { complete: service.serviceId }
}

/** Puts the lines after the head together again. @throws SealError for a line that is none of an export */
export async function* bundlesIn(lines: AsyncIterable<unknown>, { name, scope }: InFile): AsyncGenerator<Bundle> {
  let first: Pick<Bundle, 'service' | 'tags' | 'providers'> | undefined
  let contracts: Contract[] = []
  let instances: KnownInstance[] = []
  for await (const value of lines) {
    const line = Object(value) as ExportLine
    if ('service' in line) first = line.service
    else if ('contract' in line) contracts.push(line.contract)
    else if ('instance' in line) instances.push(line.instance)
    else if (!('complete' in line) || first === undefined) throw new SealError(`${name} holds a line of no export`)
    else {
      if (isInScope(scope, first.service)) yield { ...first, contracts, instances }
      first = undefined
      contracts = []
      instances = []
    }
  }
}

interface InFile {
  /** How messages call the file. */
  readonly name: string
  readonly scope: Scope
}
