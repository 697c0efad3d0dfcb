import type { Duplex } from 'node:stream'
import type { WebSocket } from 'ws'
import type { Clock } from '../kernel/clock.ts'
import { WATCHER_BACKLOG_BYTES_MAX, WATCHER_ENDS_MAX, WATCHER_PENDING_MAX } from '../kernel/limits.ts'
import type { PingTarget } from './ping-wheel.ts'

/** The latest frame about one instance. */
export interface InstanceFrame {
  /** Names the instance: a later frame with the same name makes this one superfluous. */
  readonly about: string
  readonly bytes: Buffer
  /** It says that the instance has gone: nothing that is told anew later would say so. */
  readonly isEnd: boolean
}

interface Needs {
  readonly socket: WebSocket
  /** The connection below the socket. */
  readonly raw: Duplex
  readonly clock: Clock
  /** Without a ping or pong for so long the connection counts as dead. */
  readonly idleSeconds: number
  /** Everything that this watcher should know, each instance as it is at the moment when it is asked for. */
  readonly snapshot: () => Iterable<InstanceFrame>
}

/**
 * One connection that is told of changes, at its own pace. While its socket is full, only the latest frame of each
 * instance is remembered, so a slow reader costs no more memory than there are instances, and catches up in one go. When
 * these become too many it is told everything anew instead, after what has gone meanwhile.
 */
export class Watcher implements PingTarget {
  readonly #socket: WebSocket
  readonly #raw: Duplex
  readonly #clock: Clock
  readonly #idleMs: number
  readonly #snapshot: () => Iterable<InstanceFrame>
  /** Latest frames by instance while on hold; undefined: live. */
  #pending: Map<string, InstanceFrame> | undefined
  /** Instances that have gone, to be told before a full resync. */
  readonly #ends = new Map<string, InstanceFrame>()
  /** What is left of a full resync. */
  #resync: Iterator<InstanceFrame> | undefined
  #seenAt: number

  constructor(needs: Needs) {
    this.#socket = needs.socket
    this.#raw = needs.raw
    this.#clock = needs.clock
    this.#idleMs = needs.idleSeconds * 1000
    this.#snapshot = needs.snapshot
    this.#seenAt = needs.clock.monotonic()
    needs.raw.on('drain', () => this.#drain())
    const seen = () => {
      this.#seenAt = this.#clock.monotonic()
    }
    needs.socket.on('ping', seen).on('pong', seen)
  }

  /** Whether frames go straight to the socket. */
  get isLive(): boolean {
    return this.#pending === undefined
  }

  /** Frames that wait until the connection takes them. */
  get waiting(): number {
    return (this.#pending?.size ?? 0) + this.#ends.size
  }

  /** Passes a frame on, now or when the socket takes it again. */
  send(frame: InstanceFrame): void {
    if (this.#pending !== undefined) this.#hold(frame)
    else this.#write(frame)
  }

  /** Tells everything that is known, then goes on with changes; `frames` are read as the connection takes them. */
  sendSnapshot(frames: Iterable<InstanceFrame>): void {
    this.#pending ??= new Map()
    this.#resync = frames[Symbol.iterator]()
    this.#drain()
  }

  onTurn(): void {
    if (this.#clock.monotonic() - this.#seenAt > this.#idleMs) this.#socket.terminate()
    else if (this.#socket.readyState === this.#socket.OPEN) this.#socket.ping()
  }

  #hold(frame: InstanceFrame): void {
    const pending = this.#pending
    if (pending === undefined) return
    pending.delete(frame.about)
    pending.set(frame.about, frame)
    if (pending.size > WATCHER_PENDING_MAX) this.#startOver(pending)
  }

  /** Forgets what a resync tells anyway, and keeps what it does not. */
  #startOver(pending: Map<string, InstanceFrame>): void {
    for (const frame of pending.values()) {
      this.#ends.delete(frame.about)
      if (frame.isEnd) this.#ends.set(frame.about, frame)
    }
    for (const about of this.#ends.keys()) {
      if (this.#ends.size <= WATCHER_ENDS_MAX) break
      this.#ends.delete(about)
    }
    pending.clear()
    this.#resync = this.#snapshot()[Symbol.iterator]()
  }

  #write({ bytes }: InstanceFrame): void {
    if (this.#socket.readyState !== this.#socket.OPEN) return
    this.#raw.write(bytes)
    if (this.#isFull()) this.#pending ??= new Map()
  }

  #isFull(): boolean {
    return this.#raw.writableLength > WATCHER_BACKLOG_BYTES_MAX
  }

  #drain(): void {
    const pending = this.#pending
    if (pending === undefined || !this.#drainFrames(this.#ends)) return
    while (this.#resync !== undefined) {
      if (this.#isFull()) return
      const next = this.#resync.next()
      if (next.done === true) this.#resync = undefined
      else {
        this.#write(next.value)
        // The frame shows the instance as it is now, so what waited is in it.
        pending.delete(next.value.about)
      }
    }
    if (this.#drainFrames(pending) && !this.#isFull()) this.#pending = undefined
  }

  /** Writes frames as long as the connection takes them; true when none is left. */
  #drainFrames(frames: Map<string, InstanceFrame>): boolean {
    for (const frame of frames.values()) {
      if (this.#isFull()) return false
      frames.delete(frame.about)
      this.#write(frame)
    }
    return true
  }
}
