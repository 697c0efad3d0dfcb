import type { KnownService, Services, Tenant } from '../domain/registry/index.ts'
import { SERVICE_LISTS_MAX } from '../kernel/limits.ts'
import { jsonBytes, jsonText } from './answers.ts'
import type { Answer, Call } from './call.ts'
import { isSet } from './checked.ts'
import { LongText } from './long-text.ts'
import { isPaged, pageOf } from './page.ts'
import { visibleOfTenant } from './visible.ts'

interface Kept {
  readonly version: number
  readonly answer: Promise<Answer>
}

/** Lists of all services of a tenant, which may be megabytes: encoded once, and kept until a service changes. */
export class ServiceLists {
  readonly #services: Services
  readonly #kept = new Map<string, Kept>()

  constructor(services: Services) {
    this.#services = services
  }

  /** What the caller may see of his tenant's services, by id; or the part that `offset` and `limit` ask for. @throws InvalidParameters */
  async answer(call: Call): Promise<Answer> {
    const { tenant, query } = call
    const withOwn = isSet(query.get('withShared'))
    const all = this.#services.list(tenant, withOwn)
    const shown = await visibleOfTenant(call, all)
    // What is kept shows everything: only who may see everything is answered with it.
    if (shown === all && !isPaged(query)) return this.#whole(tenant, withOwn)
    const { items, headers } = pageOf(shown, query)
    return encode(items, headers)
  }

  /** Everything. Whoever asks while it is being encoded waits for the same bytes. */
  #whole(tenant: Tenant, withOwn: boolean): Promise<Answer> {
    const key = `${withOwn} ${tenant}`
    const version = this.#services.listVersion(tenant)
    const kept = this.#kept.get(key)
    if (kept?.version === version) return kept.answer
    const answer = encode(this.#services.list(tenant, withOwn), [])
    this.#kept.delete(key)
    for (const oldest of this.#kept.keys()) {
      if (this.#kept.size < SERVICE_LISTS_MAX) break
      this.#kept.delete(oldest)
    }
    this.#kept.set(key, { version, answer })
    return answer
  }
}

async function encode(services: readonly KnownService[], headers: readonly string[]): Promise<Answer> {
  if (services.length === 0) return jsonText('{}', headers)
  // Taken now: the list shows one moment, however long its encoding takes.
  const texts = services.map(({ text }) => text)
  const long = new LongText()
  long.add('{"services":[')
  await long.addList(texts)
  long.add(']}')
  return jsonBytes(long.bytes(), headers)
}
