import { readdirSync, readFileSync } from 'node:fs'
import { basename } from 'node:path'

/** What one case sends: a request, or a step on a WebSocket when the method begins with `WS-`. */
export interface Step {
  readonly method: string
  readonly path?: string
  /** A null takes a default header away. */
  readonly headers?: Readonly<Record<string, string | null>>
  readonly body?: unknown
  /** Sent as it stands. */
  readonly rawBody?: string
  /** Name of the WebSocket. */
  readonly connection?: string
  readonly count?: number
  readonly withinMs?: number
  /** Kinds of frames that count; the others are passed over. */
  readonly only?: readonly string[]
  readonly opcode?: string
  readonly data?: string
  readonly code?: number
}

/** An answer, as recorded or as received; header names in lower case. */
export interface Answer {
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: unknown
  readonly frames?: readonly unknown[]
}

export interface Case {
  readonly name: string
  readonly request: Step
  readonly response: Answer
  /** Paths into the answer that need not agree. */
  readonly free?: readonly string[]
  /** Paths of lists and objects that may hold more than shown. */
  readonly subset?: readonly string[]
  readonly alsoHeaders?: readonly string[]
  /** Time to let pass before the request. */
  readonly waitMs?: number
  /** How long the request may be repeated until the answer is right. */
  readonly withinMs?: number
}

/** One scenario; later cases use what earlier ones made. */
export interface Transcript {
  readonly scenario: string
  readonly about: string
  /** Configuration of the server that it is for. */
  readonly server: 'plain' | 'limits' | 'rbac' | 'free' | 'versions'
  readonly defaults?: { readonly headers?: Readonly<Record<string, string>> }
  readonly cases: readonly Case[]
}

const RECORDED = new URL('./transcripts/', import.meta.url)
/** What Service Center does not have; the names of these begin alike. */
const OWN = new URL('./own/', import.meta.url)
const OWN_NAME = /^own-/

/** Names of all scenarios that were recorded on Service Center. */
export function scenarioNames(): string[] {
  return namesIn(RECORDED)
}

/** Names of all scenarios of our own. */
export function ownScenarioNames(): string[] {
  return namesIn(OWN)
}

function namesIn(folder: URL): string[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith('.json'))
    .map((file) => basename(file, '.json'))
}

/** Reads one scenario by its name. */
export function readTranscript(name: string): Transcript {
  return JSON.parse(readFileSync(new URL(`${name}.json`, OWN_NAME.test(name) ? OWN : RECORDED), 'utf8')) as Transcript
}

/** The time that a scenario spends waiting, whatever the server does. */
export function waitingMs({ cases }: Transcript): number {
  return cases.reduce((sum, { waitMs = 0, request }) => {
    return sum + waitMs + (request.method === 'WS-RECEIVE' && request.count === 0 ? (request.withinMs ?? 0) : 0)
  }, 0)
}
