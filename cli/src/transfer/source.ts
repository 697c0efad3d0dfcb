import type { Client } from '@rollcall/client'
import { readSealed } from '../sealed-file.ts'
import type { Bundle, Scope } from './bundle.ts'
import { bundlesIn, EXPORT } from './export-lines.ts'
import { bundlesOf, servicesIn } from './read-engine.ts'

/** Where bundles come from. */
export interface Source {
  /** How many services and instances there are. */
  readonly total: number
  bundles(): AsyncIterable<Bundle>
}

/** A file is read to its end before anything of it is used: what is damaged changes nothing. */
export async function openFile(file: string, scope: Scope): Promise<Source> {
  const bundles = () => bundlesIn(withoutHead(readSealed(file, EXPORT)), { name: file, scope })
  let total = 0
  for await (const { instances } of bundles()) total += 1 + instances.length
  return { total, bundles }
}

/** What a running engine has. */
export async function openEngine(client: Client, scope: Scope): Promise<Source> {
  const services = await servicesIn(client, scope)
  return { total: services.length, bundles: () => bundlesOf(client, services) }
}

async function* withoutHead(lines: AsyncGenerator<unknown>): AsyncGenerator<unknown> {
  await lines.next()
  yield* lines
}
