import type { AuditEntry } from '@rollcall/protocol/audit'
import { encodeText } from '@rollcall/protocol/encode'
import { AUDIT_WORD_LENGTH_MAX } from '../../kernel/limits.ts'
import { cut, masked, maskedText } from './mask.ts'
import type { AuditRecord } from './types.ts'

/** An entry as the journal has it; its place there is its id. */
export type StoredEntry = Omit<AuditEntry, 'id'>

/** The stored text of what happened at a time: without secrets, and not longer than is good for it. */
export function encodeRecord(record: AuditRecord, at: number): string {
  const { account, address, agent, action, tenant, resource, result, detail, before, after } = record
  const members = [
    `{"time":"${new Date(at).toISOString()}"`,
    `"account":${word(account)}`,
    `"address":${word(address)}`,
    `"agent":${word(agent)}`,
    `"action":${encodeText(action)}`,
    `"tenant":${encodeText(tenant)}`,
    `"resource":${word(resource)}`,
    `"result":${encodeText(result)}`,
  ]
  if (detail !== undefined) members.push(`"detail":${word(detail)}`)
  if (before !== undefined) members.push(`"before":${cut(masked(before))}`)
  if (after !== undefined) members.push(`"after":${cut(masked(after))}`)
  // Joined, it is one text; added up, it would be a tree of pieces until it is written, and the garbage collector copies each.
  return `${members.join(',')}}`
}

function word(text: string): string {
  const shown = maskedText(text)
  return encodeText(shown.length <= AUDIT_WORD_LENGTH_MAX ? shown : `${shown.slice(0, AUDIT_WORD_LENGTH_MAX)}…`)
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
