import { readdirSync, readFileSync } from 'node:fs'
import { basename } from 'node:path'
import type { Answer, Case } from './transcript.ts'

/** A request that a published client library sent, and what Service Center answered. */
export interface RecordedRequest {
  readonly method: string
  readonly path: string
  /** In the order and with the capitals of the wire. */
  readonly headers: Readonly<Record<string, string>>
  readonly body?: unknown
  readonly reply: {
    readonly status: number
    readonly headers?: Readonly<Record<string, string>>
    readonly body?: unknown
  }
  /** What came over the WebSocket, the first of each kind. */
  readonly frames?: readonly { readonly kind: string; readonly body?: unknown }[]
}

/** One that was recorded once but has to be sent again at another place, with other texts in it. */
interface Repetition {
  /** Index of the request before which it is sent. */
  readonly before: number
  /** Index of the request that is sent again. */
  readonly repeat: number
  readonly replace: readonly (readonly [text: string, by: string])[]
  /** Another recording that the request stands in; it is then sent with the token of this one. */
  readonly of?: string
}

/** What the recording with a token leaves out, because the one without shows it: a provider and its consumer. */
const BORROWED = 'java-service-center-client'
const PROVIDER = ['<service-id-53>', '<service-id-45>'] as const
const SECOND = ['<instance-id-3>', '<instance-id-4>'] as const
const borrowed = (before: number, ...repeats: readonly number[]): Repetition[] =>
  repeats.map((repeat) => ({ before, repeat, of: BORROWED, replace: [PROVIDER, SECOND] }))

const TOKEN = 'Bearer <token-1>'

/** The recordings leave repeated requests out; these are the ones that later requests need. */
const REPETITIONS: Readonly<Record<string, readonly Repetition[]>> = {
  'go-sc-client-with-token': [],
  'java-dashboard-client': [],
  'java-service-center-client': [
    {
      before: 33,
      repeat: 6,
      replace: [
        ['<service-id-2>', '<service-id-53>'],
        ['<instance-id-2>', '<instance-id-3>'],
        ['18080', '18082'],
      ],
    },
    {
      before: 38,
      repeat: 37,
      replace: [
        ['<service-id-53>', '<service-id-2>'],
        ['<instance-id-3>', '<instance-id-2>'],
      ],
    },
  ],
  'java-service-center-client-with-token': [
    ...borrowed(4, 3, 17, 18, 24, 39),
    ...borrowed(5, 18),
    {
      before: 5,
      repeat: 6,
      of: BORROWED,
      replace: [
        ['<service-id-2>', '<service-id-45>'],
        ['<instance-id-2>', '<instance-id-4>'],
        ['18080', '18082'],
      ],
    },
    ...borrowed(5, 34, 36, 37),
  ],
  'go-sc-client': [
    { before: 23, repeat: 9, replace: [['<instance-id-2>', '<instance-id-3>']] },
    { before: 26, repeat: 9, replace: [['<instance-id-2>', '<instance-id-4>']] },
    { before: 27, repeat: 24, replace: [['<instance-id-3>', '<instance-id-4>']] },
  ],
}

const FOLDER = new URL('./requests/', import.meta.url)

/** The recorded client libraries. */
export const CLIENTS = Object.keys(REPETITIONS)

/** Names of all recordings that are there, in order. */
export function recordedNames(): string[] {
  return readdirSync(FOLDER)
    .map((file) => basename(file, '.json'))
    .sort()
}

/** All that a client sent, in order, with what was left out as a repetition put back. */
export function readClient(client: string): RecordedRequest[] {
  const recorded = read(client)
  const repetitions = REPETITIONS[client] ?? []
  const at = (index: number) =>
    repetitions.filter(({ before }) => before === index).map((repetition) => repeated(recorded, repetition))
  return [...recorded.flatMap((request, index) => [...at(index), request]), ...at(recorded.length)]
}

function read(client: string): RecordedRequest[] {
  return JSON.parse(readFileSync(new URL(`${client}.json`, FOLDER), 'utf8')) as RecordedRequest[]
}

function repeated(recorded: readonly RecordedRequest[], { repeat, replace, of }: Repetition): RecordedRequest {
  const original = of === undefined ? recorded[repeat] : read(of)[repeat]
  const text = replace.reduce((json, [from, to]) => json.replaceAll(from, to), JSON.stringify(original))
  const request = JSON.parse(text) as RecordedRequest
  return of === undefined ? request : { ...request, headers: { Authorization: TOKEN, ...request.headers } }
}

const MORE = '… more'

/** Headers whose values say how the body is carried, which is free. */
const CARRIAGE = ['content-length', 'transfer-encoding', 'content-encoding']

/** A recorded request as a case of a transcript. Lists of strangers were cut; of those only the kind is compared. */
export function asCase({ method, path, reply }: RecordedRequest): Case {
  const subset: string[] = []
  const body = Object.fromEntries(
    Object.entries((reply.body ?? {}) as object).map(([name, value]: [string, unknown]) => {
      if (!Array.isArray(value) || value.at(-1) !== MORE) return [name, value]
      subset.push(`body.${name}`)
      return [name, []]
    }),
  )
  const headers = Object.entries(reply.headers ?? {})
    .map(([name, value]) => [name.toLowerCase(), value] as const)
    .filter(([name]) => !CARRIAGE.includes(name))
  const shown = typeof reply.body === 'object' ? body : (reply.body ?? '')
  const response: Answer = { status: reply.status, headers: Object.fromEntries(headers), body: shown }
  return { name: `${method} ${path}`, request: { method, path }, response, subset }
}

/** A header name with the capitals that Go gives it, as clients look for it. */
export function capitals(name: string): string {
  return name.replaceAll(/(?:^|-)[a-z]/g, (start) => start.toUpperCase())
}
