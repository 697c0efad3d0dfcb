import { once } from 'node:events'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { WATCHER_BACKLOG_BYTES_MAX, WATCHER_PENDING_MAX } from '../kernel/limits.ts'
import { ManualClock } from '../kernel/manual-clock.ts'
import { textFrame } from './frame.ts'
import type { Accepted } from './test-sockets.ts'
import { TestSockets } from './test-sockets.ts'
import type { InstanceFrame } from './watcher.ts'
import { Watcher } from './watcher.ts'

const IDLE_SECONDS = 120
const PADDING = 'x'.repeat(10_000)

const sockets = new TestSockets()
let clock: ManualClock
let connection: Accepted
let watcher: Watcher
/** The latest state of every instance, as the registry would know it. */
let states: Map<string, number>
/** How often the watcher asked for everything. */
let snapshots: number

beforeEach(async () => {
  clock = new ManualClock()
  states = new Map()
  snapshots = 0
  read = 0
  knownSoFar = { last: new Map(), wentBack: false }
  await sockets.listen()
  connection = await sockets.connect()
  const { socket, raw } = connection
  watcher = new Watcher({ socket, raw, clock, idleSeconds: IDLE_SECONDS, snapshot })
})

afterEach(() => sockets.close())

function frame(name: string, state: number, padding = ''): InstanceFrame {
  return { about: name, bytes: textFrame(JSON.stringify({ name, state, padding })), isEnd: false }
}

/** State of an instance that has gone. */
const GONE = -1

/** An instance goes, and the watcher is told. */
function end(name: string): void {
  states.delete(name)
  watcher.send({ ...frame(name, GONE), isEnd: true })
}

function* snapshot(): Iterable<InstanceFrame> {
  snapshots++
  for (const [name, state] of states) yield frame(name, state)
}

/** What happens to an instance: its state goes up by one, and the watcher is told. */
function change(name: string, padding = ''): void {
  const state = (states.get(name) ?? 0) + 1
  states.set(name, state)
  watcher.send(frame(name, state, padding))
}

/** Changes instances until the reader's connection is full. @returns how many changes that took */
function fill(names: readonly string[]): number {
  for (let count = 0; count < 100_000; count++) {
    if (!watcher.isLive) return count
    change(names[count % names.length] ?? '', PADDING)
  }
  throw new Error('the connection takes everything: it is not paused')
}

const parsed = () => connection.client.messages.map((text) => JSON.parse(text) as { name: string; state: number })

interface Known {
  /** The latest state of each instance, as far as it has come. */
  readonly last: Map<string, number>
  readonly wentBack: boolean
}

let read = 0
let knownSoFar: { last: Map<string, number>; wentBack: boolean }

/** What the client knows; each message is looked at once. */
function known(): Known {
  const { messages } = connection.client
  for (; read < messages.length; read++) {
    const { name, state } = JSON.parse(messages[read] ?? '') as { name: string; state: number }
    if (state < (knownSoFar.last.get(name) ?? 0)) knownSoFar.wentBack = true
    knownSoFar.last.set(name, state)
  }
  return knownSoFar
}

function isUpToDate(): boolean {
  const { last } = known()
  return last.size >= states.size && [...states].every(([name, state]) => last.get(name) === state)
}

describe('a reader that keeps up', () => {
  test('gets every frame, in order', async () => {
    for (let n = 0; n < 1000; n++) change(`i${n % 7}`)
    await connection.client.until(({ length }) => length === 1000)
    expect(watcher.isLive).toBe(true)
    expect(parsed().map(({ name, state }) => `${name} ${state}`)).toEqual(
      Array.from({ length: 1000 }, (_, n) => `i${n % 7} ${Math.floor(n / 7) + 1}`),
    )
  })

  test('gets a snapshot first, and then what changed after it', async () => {
    for (const name of ['a', 'b', 'c']) states.set(name, 1)
    watcher.sendSnapshot(snapshot())
    change('b')
    await connection.client.until(({ length }) => length === 4)
    expect(parsed().map(({ name, state }) => `${name} ${state}`)).toEqual(['a 1', 'b 1', 'c 1', 'b 2'])
    expect(watcher.isLive).toBe(true)
  })

  test('a snapshot of nothing leaves it live', () => {
    watcher.sendSnapshot(snapshot())
    expect(watcher.isLive).toBe(true)
  })
})

describe('a reader that does not read', () => {
  const NAMES = Array.from({ length: 20 }, (_, n) => `i${n}`)

  beforeEach(() => connection.client.socket.pause())

  test('costs a bounded number of bytes, however much happens', () => {
    fill(NAMES)
    const { writableLength } = connection.raw
    for (let n = 0; n < 20_000; n++) change(NAMES[n % NAMES.length] ?? '', PADDING)
    expect(connection.raw.writableLength).toBe(writableLength)
    expect(writableLength).toBeLessThan(WATCHER_BACKLOG_BYTES_MAX + 2 * PADDING.length)
  })

  test('catches up when it reads again: the latest state of each, none going back, far fewer frames than changes', async () => {
    const before = fill(NAMES)
    for (let n = 0; n < 20_000; n++) change(NAMES[n % NAMES.length] ?? '')
    connection.client.socket.resume()
    await connection.client.until(isUpToDate)
    expect(known().wentBack).toBe(false)
    expect(connection.client.messages.length).toBeLessThanOrEqual(before + NAMES.length)
    expect(snapshots).toBe(0)
  })

  test('is live again afterwards and gets every frame', async () => {
    fill(NAMES)
    change('i3')
    connection.client.socket.resume()
    await connection.client.until(isUpToDate)
    await connection.client.settle()
    expect(watcher.isLive).toBe(true)
    const { length } = connection.client.messages
    for (let n = 0; n < 100; n++) change('i5')
    await connection.client.until((messages) => messages.length === length + 100)
    expect(known().wentBack).toBe(false)
  })

  test('again and again', async () => {
    for (let round = 0; round < 5; round++) {
      connection.client.socket.pause()
      fill(NAMES)
      for (let n = 0; n < 500; n++) change(NAMES[(n * 7 + round) % NAMES.length] ?? '')
      connection.client.socket.resume()
      await connection.client.until(isUpToDate)
      await connection.client.settle()
      expect(watcher.isLive).toBe(true)
    }
    expect(known().wentBack).toBe(false)
  })

  test('while it catches up, later changes come after earlier ones of the same instance', async () => {
    fill(NAMES)
    for (const name of NAMES) change(name, PADDING)
    connection.client.socket.resume()
    await connection.client.until(({ length }) => length > 10)
    for (let n = 0; n < 2000; n++) change(NAMES[n % NAMES.length] ?? '', PADDING)
    await connection.client.until(isUpToDate)
    expect(known().wentBack).toBe(false)
  })

  test('with more instances than are remembered, gets everything there is', async () => {
    fill(NAMES)
    for (let n = 0; n < WATCHER_PENDING_MAX + 500; n++) change(`many-${n}`)
    for (let n = 0; n < 100; n++) change(`many-${n}`)
    connection.client.socket.resume()
    await connection.client.until(isUpToDate)
    expect(known().last.size).toBe(states.size)
    expect(snapshots).toBe(1)
    expect(known().wentBack).toBe(false)
  })

  test('a snapshot larger than the connection takes waits for the reader', async () => {
    for (let n = 0; n < 2000; n++) states.set(`s${n}`, 1)
    function* large(): Iterable<InstanceFrame> {
      for (const [name, state] of states) yield frame(name, state, PADDING)
    }
    watcher.sendSnapshot(large())
    expect(watcher.isLive).toBe(false)
    expect(connection.raw.writableLength).toBeLessThan(WATCHER_BACKLOG_BYTES_MAX + 2 * PADDING.length)
    change('s1999')
    change('s0')
    connection.client.socket.resume()
    await connection.client.until(isUpToDate)
    const [first, ...others] = [...states.keys()]
    // What changed before its turn is told once, in its place; what had been told already is told again.
    expect(parsed().map(({ name }) => name)).toEqual([first, ...others, first])
    expect(known().last).toEqual(states)
  })

  test('with more instances than are remembered, is told of each that has gone, and of nothing twice', async () => {
    const GOING = 2.5 * WATCHER_PENDING_MAX
    const before = fill(NAMES)
    for (let n = 0; n < GOING; n++) end(`gone-${n}`)
    end('i0')
    change('gone-7')
    connection.client.socket.resume()
    await connection.client.until(({ length }) => length >= before + GOING + 1 + states.size)
    const alive = [...known().last].filter(([, state]) => state !== GONE)
    expect(new Map(alive)).toEqual(states)
    expect(known().last.size).toBe(GOING + NAMES.length)
    await connection.client.settle()
    expect(connection.client.messages).toHaveLength(before + GOING + 1 + states.size)
  })
})

describe('signs of life', () => {
  test('it is pinged at every turn', async () => {
    const pinged = once(connection.client.socket, 'ping')
    watcher.onTurn()
    await pinged
  })

  test('without any for too long the connection is ended', async () => {
    clock.advance(IDLE_SECONDS * 1000 + 1)
    watcher.onTurn()
    expect((await connection.client.closed).code).toBe(1006)
  })

  test.each(['ping', 'pong'] as const)('a %s of the client is one', async (kind) => {
    clock.advance(IDLE_SECONDS * 1000)
    const seen = once(connection.socket, kind)
    connection.client.socket[kind]()
    await seen
    clock.advance(IDLE_SECONDS * 1000)
    watcher.onTurn()
    expect(connection.socket.readyState).toBe(connection.socket.OPEN)
  })

  test('nothing is sent to a connection that is closing', async () => {
    connection.client.socket.close()
    await connection.client.closed
    change('late')
    watcher.onTurn()
    expect(connection.client.messages).toEqual([])
  })
})
