import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import type { Clock, Stoppable } from '../kernel/clock.ts'
import { PEERS_MAX } from '../kernel/limits.ts'
import type { Log } from '../kernel/log.ts'
import { addressOf, forwardedAddress } from './call-of.ts'

/** One address that requests come from. */
interface Peer {
  connections: number
  /** The second that `served` is about. */
  second: number
  served: number
  /** Whether the log has heard of this address's many connections in this second. */
  isTold: boolean
}

/** A connection knows its peer, so that a request needs no search. */
const PEER = Symbol('peer')
type Known = Socket & { [PEER]?: Peer }

interface Needs {
  readonly clock: Clock
  readonly log: Log
  /** 0: any number; so is the next. */
  readonly connectionsPerAddress: number
  readonly requestsPerSecond: number
  /** Whether a proxy says where requests come from. */
  readonly trustForwarded: boolean
}

/** What each address has open and asks for, so that none takes the engine away from the others. */
export class Peers {
  readonly #needs: Needs
  #peers = new Map<string, Peer>()
  readonly #open = new Set<Socket>()
  #second = 0
  readonly #timer: Stoppable

  constructor(needs: Needs) {
    this.#needs = needs
    this.#timer = needs.clock.every(1000, () => this.#nextSecond())
  }

  /** Takes a new connection in, or ends it when its address has as many as it may. */
  welcome(socket: Known): void {
    const { connectionsPerAddress, log } = this.#needs
    const address = addressOf(socket)
    const peer = this.#find(address)
    if (connectionsPerAddress > 0 && peer.connections >= connectionsPerAddress) {
      if (!peer.isTold) log.warn({ address, connectionsPerAddress }, 'connections refused: too many from one address')
      peer.isTold = true
      // Others that listen for connections come first: they would set up one that is gone.
      process.nextTick(() => socket.destroy())
      return
    }
    peer.connections++
    this.#open.add(socket)
    socket.once('close', () => {
      peer.connections--
      this.#open.delete(socket)
    })
  }

  /** Counts a request if its address may have `times` as many as the setting says; else it is to be refused. */
  admits(request: IncomingMessage, times: number): boolean {
    const { requestsPerSecond, trustForwarded } = this.#needs
    if (requestsPerSecond === 0) return true
    const peer = trustForwarded ? this.#find(forwardedAddress(request)) : this.#peerOf(request.socket)
    if (peer.second !== this.#second) {
      peer.second = this.#second
      peer.served = 0
    }
    // What is refused does not count: a flood of finds takes nothing from the heartbeats of its address.
    if (peer.served >= requestsPerSecond * times) return false
    peer.served++
    return true
  }

  /** Ends whatever is still open, also what has not got as far as HTTP. */
  close(): void {
    this.#timer.stop()
    for (const socket of this.#open) socket.destroy()
  }

  #peerOf(socket: Known): Peer {
    let peer = socket[PEER]
    if (peer === undefined) {
      peer = this.#find(addressOf(socket))
      socket[PEER] = peer
    }
    return peer
  }

  #find(address: string): Peer {
    let peer = this.#peers.get(address)
    if (peer === undefined) {
      if (this.#peers.size >= PEERS_MAX) this.#peers = new Map()
      peer = { connections: 0, second: this.#second, served: 0, isTold: false }
      this.#peers.set(address, peer)
    }
    return peer
  }

  #nextSecond(): void {
    this.#second++
    for (const [address, peer] of this.#peers) {
      peer.isTold = false
      if (peer.connections === 0) this.#peers.delete(address)
    }
  }
}
