import type { InstanceList } from '../domain/registry/index.ts'
import type { Answer } from './call.ts'

const JSON_TYPE = ['Content-Type', 'application/json; charset=UTF-8'] as const
const TEXT_TYPE = ['Content-Type', 'text/plain; charset=UTF-8'] as const

/** The answer to everything that succeeds without saying more. */
export const EMPTY: Answer = { status: 200, headers: TEXT_TYPE, body: undefined }

/** 200 with a JSON text. */
export function jsonText(text: string, headers?: readonly string[]): Answer {
  const body = Buffer.from(text)
  const answer: Answer = { status: 200, headers: headers === undefined ? JSON_TYPE : [...JSON_TYPE, ...headers], body }
  // As long in bytes as in characters: it is ASCII.
  if (body.length === text.length) answer.latin1 = text
  return answer
}

/** 200 with JSON that is encoded already. */
export function jsonBytes(body: Buffer, headers: readonly string[] = []): Answer {
  return { status: 200, headers: [...JSON_TYPE, ...headers], body }
}

/** 200 with a value as JSON. */
export function json(value: unknown): Answer {
  return jsonText(JSON.stringify(value))
}

const revisionHeader = (revision: string) => ['X-Resource-Revision', revision] as const

/** 304 with the revision that the caller has. */
function notModified(revision: string): Answer {
  return { status: 304, headers: revisionHeader(revision), body: undefined }
}

interface ListAnswers {
  readonly full: Answer
  readonly unchanged: Answer
}

const lists = new WeakMap<InstanceList, ListAnswers>()

/** The answer that shows a list, or says that `rev` is still current; made once per list. */
export function instanceList(list: InstanceList, rev: string): Answer {
  let answers = lists.get(list)
  if (answers === undefined) {
    const headers = [...JSON_TYPE, ...revisionHeader(list.revision)]
    answers = { full: { status: 200, headers, body: list.bytes }, unchanged: notModified(list.revision) }
    lists.set(list, answers)
  }
  return rev === list.revision ? answers.unchanged : answers.full
}

/** 200 with a JSON text that has a revision, or 304 when `rev` is it. */
export function revised(text: string, revision: string, rev: string): Answer {
  return rev === revision ? notModified(revision) : jsonText(text, revisionHeader(revision))
}
