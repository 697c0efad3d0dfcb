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
    `{"time":"${timeText(at)}"`,
    `"account":${accountWord(account)}`,
    `"address":${addressWord(address)}`,
    `"agent":${agentWord(agent)}`,
    `"action":${encodeText(action)}`,
    `"tenant":${tenantText(tenant)}`,
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

// One record after the other is of the same caller, and of the same second.
const accountWord = rememberingLast(word)
const addressWord = rememberingLast(word)
const agentWord = rememberingLast(word)
const tenantText = rememberingLast(encodeText)
const secondText = rememberingLast((second: number) => new Date(second * 1000).toISOString().slice(0, -'000Z'.length))

function timeText(at: number): string {
  const second = Math.floor(at / 1000)
  return `${secondText(second)}${String(Math.floor(at) - second * 1000).padStart(3, '0')}Z`
}

function rememberingLast<Input>(make: (input: Input) => string): (input: Input) => string {
  let last: { readonly input: Input; readonly text: string } | undefined
  return (input) => {
    if (last?.input !== input) last = { input, text: make(input) }
    return last.text
  }
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
