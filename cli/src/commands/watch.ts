import { styleText } from 'node:util'
import type { WatchEvent, WatchSignal } from '@rollcall/client'
import type { Command } from 'commander'
import { InvalidArgumentError } from 'commander'
import type { ConnectionOptions } from '../connection.ts'
import { connect, withConnection } from '../connection.ts'
import { printable } from '../print/table.ts'
import { endpointsText } from '../print/words.ts'
import { pathOf, selectService } from '../select.ts'
import type { Terminal } from '../terminal.ts'

interface WatchOptions extends ConnectionOptions {
  readonly count?: number
}

/** `rollcall watch <consumer>`: what that consumer is told, as it happens. */
export function addWatch(program: Command, terminal: Terminal): void {
  withConnection(program.command('watch').description('what a consumer is told about its providers, until interrupted'))
    .argument('<consumer>', 'id, or as much of environment/application/name/version as is unique')
    .option('--count <n>', 'end after so many events', parseCount)
    .action((text: string, options: WatchOptions) => watch(text, options, terminal))
}

function parseCount(text: string): number {
  const count = Number(text)
  if (!Number.isInteger(count) || count < 1) throw new InvalidArgumentError('It must be a whole number from 1.')
  return count
}

async function watch(text: string, options: WatchOptions, terminal: Terminal): Promise<void> {
  const client = connect(options)
  const consumer = await selectService(client, text)
  const { promise: ended, resolve: end } = Promise.withResolvers<void>()
  let left = options.count ?? Number.POSITIVE_INFINITY
  const stop = client.watch(consumer.serviceId, (signal) => {
    if (signal.kind !== 'event') {
      terminal.err(connectionText(signal, pathOf(consumer)))
      return
    }
    if (left <= 0) return
    left--
    terminal.out(options.json === true ? `${JSON.stringify(signal.event)}\n` : eventText(signal.event, terminal.stream))
    if (left <= 0) end()
  })
  // An open watch alone does not keep a process alive; here it is all there is to wait for.
  const alive = setInterval(() => undefined, 60_000)
  await ended
  clearInterval(alive)
  stop()
}

function connectionText(signal: Exclude<WatchSignal, { kind: 'event' }>, path: string): string {
  if (signal.kind === 'open') return `Watching for ${path}; Ctrl-C ends it.\n`
  return `Lost the watch: ${signal.reason}. Next attempt in ${(signal.retryMs / 1000).toFixed(1)} s.\n`
}

const COLORS = { INIT: 'gray', CREATE: 'green', UPDATE: 'yellow', DELETE: 'red' } as const
const ACTION_WIDTH = 6

function eventText({ action, key, instance }: WatchEvent, stream: NodeJS.WritableStream): string {
  const time = new Date().toISOString()
  const { environment, appId, serviceName, version } = key
  const path = [environment, appId, serviceName, version].filter(Boolean).join('/')
  const facts = [path, instance.instanceId, instance.status, endpointsText(instance)].map(printable).join('  ')
  return `${time}  ${styleText(COLORS[action], action.padEnd(ACTION_WIDTH), { stream })}  ${facts}\n`
}
