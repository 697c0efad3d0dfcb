import type { AuditEntry } from '@rollcall/protocol/audit'
import { AUDIT_WORD_LENGTH_MAX } from '../../kernel/limits.ts'
import { cut, masked, maskedText } from './mask.ts'
import type { AuditRecord } from './types.ts'

/** An entry as the journal has it; its place there is its id. */
export type StoredEntry = Omit<AuditEntry, 'id'>

/** The stored text of what happened at a time: without secrets, and not longer than is good for it. */
export function encodeRecord(record: AuditRecord, at: number): string {
  const { account, address, agent, action, tenant, resource, result, detail, before, after } = record
  const head = JSON.stringify({
    time: new Date(at).toISOString(),
    account: word(account),
    address: word(address),
    agent: word(agent),
    action,
    tenant,
    resource: word(resource),
    result,
    detail: detail === undefined ? undefined : word(detail),
  })
  return `${head.slice(0, -1)}${member('before', before)}${member('after', after)}}`
}

function word(text: string): string {
  const shown = maskedText(text)
  return shown.length <= AUDIT_WORD_LENGTH_MAX ? shown : `${shown.slice(0, AUDIT_WORD_LENGTH_MAX)}…`
}

function member(name: string, json: string | undefined): string {
  return json === undefined ? '' : `,"${name}":${cut(masked(json))}`
}

/** What is written at once: entries, and how many characters the stream has had up to and with them. */
interface Block {
  readonly written: number
  readonly entries: readonly StoredEntry[]
}

export function encodeBlock(entries: readonly string[], written: number): string {
  return `{"written":${written},"entries":[${entries.join(',')}]}`
}

export function parseBlock(text: string): Block {
  return JSON.parse(text) as Block
}

/** `written` of a block, without parsing the rest of it. */
export function writtenOf(text: string): number {
  return Number.parseInt(text.slice('{"written":'.length), 10)
}
