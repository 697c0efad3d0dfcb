import { parse, stringify } from 'yaml'
import type { Asked, Asker, Policy, PolicyFailure, PolicyStore } from '../domain/policies/index.ts'
import { camelCased } from '../domain/policies/index.ts'
import type { Clock } from '../kernel/clock.ts'
import { fail } from '../kernel/failure.ts'
import { KIE_ANSWER_BYTES_MAX } from '../kernel/limits.ts'

interface Needs {
  /** Address of the server; empty: there is none. */
  readonly url: string
  readonly timeoutMs: number
  readonly clock: Clock
}

/** An entry of the server, as far as it is looked at. */
interface Item {
  readonly id?: string
  readonly key?: string
  readonly value?: string
  readonly status?: string
  readonly labels?: Readonly<Record<string, string>>
  readonly create_time?: number
  readonly update_time?: number
}

const PREFIX = 'servicecomb.'

/** Policies as entries of a ServiceComb KIE configuration server, where clients read them. */
export class KieStore implements PolicyStore {
  readonly #needs: Needs

  constructor(needs: Needs) {
    this.#needs = needs
  }

  async list(asker: Asker, { kind, labels }: Asked): Promise<readonly Policy[]> {
    const query = new URLSearchParams({ key: `beginWith(${PREFIX}${kind === '' ? '' : `${camelCased(kind)}.`})` })
    for (const [name, value] of Object.entries(labels)) query.append('label', `${name}:${value}`)
    const { data } = (await this.#ask(asker, { method: 'GET', path: `?${query}` })) as { data?: readonly Item[] }
    const policies = (data ?? []).flatMap((item) => policyOf(item) ?? [])
    return kind === '' ? policies : policies.map((policy) => ({ ...policy, kind }))
  }

  async get(asker: Asker, id: string): Promise<Policy> {
    const item = (await this.#ask(asker, { method: 'GET', path: `/${segment(id)}` })) as Item
    return policyOf(item) ?? unusable(`entry ${id} is no policy`)
  }

  async create(
    asker: Asker,
    { kind, name, selector, spec, status }: Parameters<PolicyStore['create']>[1],
  ): Promise<string> {
    const key = `${PREFIX}${camelCased(kind)}.${name}`
    const body = { key, value: stringify(spec), status, value_type: 'text', labels: selector, priority: -1 }
    const { id } = (await this.#ask(asker, { method: 'POST', path: '', body })) as Item
    return id ?? unusable('its answer names no id')
  }

  async change(asker: Asker, id: string, { spec, status }: Pick<Policy, 'spec' | 'status'>): Promise<void> {
    const body = { value: stringify(spec), ...(status === '' ? {} : { status }) }
    await this.#ask(asker, { method: 'PUT', path: `/${segment(id)}`, body })
  }

  async remove(asker: Asker, ids: readonly string[]): Promise<void> {
    if (ids.length > 0) await this.#ask(asker, { method: 'DELETE', path: '', body: { ids } })
  }

  /** The decoded body of a success; undefined when it is empty. */
  async #ask(
    { project, authorization }: Asker,
    { method, path, body }: { readonly method: string; readonly path: string; readonly body?: object },
  ): Promise<unknown> {
    const { url, timeoutMs, clock } = this.#needs
    if (url === '') return unusable('there is none (policies.kieUrl is empty)')
    const place = `/v1/${segment(project)}/kie/kv${path}`
    const stop = new AbortController()
    const deadline = clock.after(timeoutMs, () => stop.abort(new Error(`no answer within ${timeoutMs} ms`)))
    const headers: Record<string, string> = { 'Content-Type': 'application/json' }
    if (authorization !== '') headers.Authorization = authorization
    try {
      const target = `${url.replace(/\/+$/, '')}${place}`
      const content = body === undefined ? {} : { body: JSON.stringify(body) }
      const response = await fetch(target, { method, headers, signal: stop.signal, redirect: 'error', ...content })
      const text = await textOf(response)
      if (!response.ok) throw new Error(`it answered ${method} with status ${response.status}: ${text.slice(0, 200)}`)
      return text === '' ? {} : (JSON.parse(text) ?? {})
    } catch (error) {
      return unusable(reasonOf(error as Error))
    } finally {
      deadline.stop()
    }
  }
}

/** A part of a path. Dots would disappear from the address, encoded or not, and make it another one. */
function segment(text: string): string {
  if (text === '.' || text === '..') fail<PolicyFailure>('InvalidParameters', `'${text}' is no name`)
  return encodeURIComponent(text)
}

async function textOf(response: Response): Promise<string> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length
    if (bytes > KIE_ANSWER_BYTES_MAX) throw new Error(`its answer is longer than ${KIE_ANSWER_BYTES_MAX} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString()
}

/** The policy that an entry holds; undefined for entries of others. Its kind is the one of the key. */
function policyOf({
  id = '',
  key = '',
  value = '',
  status = '',
  labels,
  create_time,
  update_time,
}: Item): Policy | undefined {
  const [, kind, name, ...more] = key.split('.')
  if (!key.startsWith(PREFIX) || kind === undefined || name === undefined || more.length > 0) return undefined
  const spec = specOf(value)
  if (spec === undefined) return undefined
  const times = {
    ...(create_time === undefined ? {} : { creatTime: create_time }),
    ...(update_time === undefined ? {} : { updateTime: update_time }),
  }
  return { name, id, status, ...times, selector: labels ?? {}, kind, spec }
}

function specOf(value: string): Policy['spec'] | undefined {
  try {
    const spec: unknown = parse(value)
    return typeof spec === 'object' && spec !== null && !Array.isArray(spec) ? (spec as Policy['spec']) : undefined
  } catch {
    return undefined
  }
}

/** Of a failed connection the cause says more than the error. */
function reasonOf({ message, cause }: Error): string {
  return cause instanceof Error ? `it cannot be reached: ${cause.message}` : message
}

function unusable(reason: string): never {
  return fail<PolicyFailure>('Internal', `the policy store cannot be used: ${reason}`)
}
