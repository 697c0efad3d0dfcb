import { setTimeout as wait } from 'node:timers/promises'
import { ConnectionError } from '@rollcall/client'
import type { Command } from 'commander'
import { InvalidArgumentError } from 'commander'
import { explain } from './explain.ts'
import type { Terminal } from './terminal.ts'

/** What commands take that show something again and again. */
export interface WatchOptions {
  /** Seconds between looks. */
  readonly watch?: number
}

const SECONDS_MIN = 0.1
const DEFAULT_SECONDS = 2
const CLEAR_SCREEN = '\u001b[H\u001b[2J'

/** Adds --watch to a command. */
export function withWatch(command: Command): Command {
  const meaning = `show it again when it changes, until interrupted; looks every so many seconds (${DEFAULT_SECONDS})`
  return command.option('--watch [seconds]', meaning, parseSeconds)
}

function parseSeconds(text: string): number {
  const seconds = Number(text)
  if (!(seconds >= SECONDS_MIN)) throw new InvalidArgumentError(`It must be a number from ${SECONDS_MIN}.`)
  return seconds
}

/** Shows something once, or, with --watch, each time that it looks different. */
export async function repeat(
  options: { readonly watch?: number | true },
  terminal: Terminal,
  show: (screen: Terminal) => Promise<void>,
): Promise<void> {
  const { watch } = options
  if (watch === undefined) return show(terminal)
  const isScreen = (terminal.stream as NodeJS.WriteStream).isTTY === true
  let shown: string | undefined
  for (;;) {
    const text = await look(terminal, show, shown !== undefined)
    if (text !== undefined && text !== shown) {
      terminal.out(`${isScreen ? CLEAR_SCREEN : ''}${text}`)
      shown = text
    }
    await wait((watch === true ? DEFAULT_SECONDS : watch) * 1000)
  }
}

/** What would be shown; undefined when no engine answers any more, which passes. */
async function look(terminal: Terminal, show: (screen: Terminal) => Promise<void>, isAgain: boolean) {
  let text = ''
  const write = (more: string) => {
    text += more
  }
  try {
    await show({ ...terminal, out: write, err: write })
    return text
  } catch (error) {
    if (!isAgain || !(error instanceof ConnectionError)) throw error
    terminal.err(explain(error, { asJson: false }).text)
    return undefined
  }
}
