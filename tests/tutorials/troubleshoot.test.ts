import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { readProjectFile } from '../repo/tree.ts'
import { TROUBLES } from './troubles.ts'

/*
 * Troubles that a reader cannot type stand on their page as blocks of `log`, below the heading of the trouble. They are
 * what a real engine says in that trouble, word for word; `…` stands for what differs.
 */

const TIMEOUT_MS = 120_000

/** Trouble and messages; a trouble without messages has nothing to be compared. */
const sections = readProjectFile('docs/operating/troubleshoot.md')
  .split(/^## /m)
  .map((section) => {
    const [title = ''] = section.split('\n')
    const messages = [...section.matchAll(/^```log\n([\s\S]*?)^```$/gm)].flatMap(([, text = '']) =>
      text.trim().split('\n'),
    )
    return { title, messages }
  })
  .filter(({ messages }) => messages.length > 0)

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rollcall-trouble-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

function isSaid(message: string, said: string): boolean {
  const parts = message.split('…').map((part) => part.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&'))
  return new RegExp(`^${parts.join('.+')}$`, 'm').test(said)
}

test('every trouble with messages is made, and no other', () => {
  expect(sections.map(({ title }) => title).sort()).toEqual(Object.keys(TROUBLES).sort())
})

test.for(sections)('$title: the engine says what the page says', { timeout: TIMEOUT_MS }, async (section, context) => {
  const said = (await TROUBLES[section.title]?.({ folder, context })) ?? ''
  expect(
    section.messages.filter((message) => !isSaid(message, said)),
    said,
  ).toEqual([])
})
