import type { Duplex } from 'node:stream'
import type { ObjectShape } from '@rollcall/protocol/shape'
import type { WebSocket } from 'ws'
import type { Principal, ResourceType, Verb } from '../domain/auth/index.ts'
import type { RegistryView, Tenant } from '../domain/registry/index.ts'
import type { MaybePromise } from '../storage/store.ts'

/** Which rules of addressing a route follows: where its tenant comes from. */
export type Family =
  /** `/v4/{project}/…`: domain from `X-Domain-Name`, project from the path. */
  | 'v4'
  /** `/registry/v3/…`: domain from `X-Tenant-Name`, else from `X-Domain-Name`; project `default`. */
  | 'v3'
  /** `/v2/{project}/csemonitor/…`, and `/csemonitor/v1/…` for project `default`; refusals as the monitoring API has them. */
  | 'monitoring'
  /** `/v3/{project}/csemonitor/…`: the same, and refusals say `error_msg` besides. */
  | 'monitoring-v3'
  /** Outside all tenants. */
  | 'plain'

/** A request as handlers see it: plain values, no sockets and no framework. */
export interface Call {
  /** Who asks; everybody is the same while access control is off. */
  readonly principal: Principal
  /** The address that the request comes from; empty while access control is off, as nobody else asks for it. */
  readonly address: string
  readonly tenant: Tenant
  /** Decoded parts of the path by name. */
  readonly params: Readonly<Record<string, string | undefined>>
  readonly query: Query
  /** `X-ConsumerId`: service id of the caller; empty when not given. */
  readonly consumerId: string
  /** `Authorization`, as sent, for servers that are asked on the caller's behalf; empty when not given. */
  readonly authorization: string
  /** `Accept`, as sent; empty when not given. */
  readonly accept: string
  /** `Last-Event-ID` of a client that goes on with a stream of events; empty when not given. */
  readonly lastEventId: string
  /** The decoded body, when the route declares one; its rules are not checked yet. */
  readonly body: unknown
}

/** The query of a request; the first of several values of one name counts. */
export interface Query {
  /** Empty when absent. */
  get(name: string): string
  /** All values of a name, in their order. */
  getAll(name: string): string[]
}

/** What a handler answers. */
export interface Answer {
  readonly status: number
  /** Header names and values in turn, capitals as clients look for them; length and common headers come by themselves. */
  readonly headers: readonly string[]
  readonly body: Buffer | undefined
  /** Id of what was made, for the audit log. */
  readonly made?: string
  /** Instead of a body: takes the open answer over and writes to it as long as it likes. */
  readonly stream?: (sink: EventSink) => void
  /** Filled by the edge: the compressed body, made when a client first asks for it. */
  gzipped?: Buffer
  /** Filled by the edge: a small body's bytes as Latin-1 text. */
  latin1?: string
  /** Filled by the edge: lines of the plain answer's head. */
  head?: string
}

/** An answer that stays open. */
export interface EventSink {
  write(text: string): void
  /** Bytes that the client has not taken yet. */
  readonly backlogBytes: number
  /** Resolves when the client has taken what waits, or is gone. */
  drained(): Promise<void>
  /** Ends the answer; what waits is still sent. */
  end(): void
  /** Ends the connection at once. */
  destroy(): void
  /** Called once, when the connection is gone, whoever ended it. */
  onClose(run: () => void): void
}

/** One row of the route table. One that may change something must say what it leaves in the audit log. */
export type Route = Row &
  (
    | { readonly method: 'GET'; readonly audit?: 'read' }
    | { readonly method: 'POST' | 'PUT' | 'DELETE'; readonly audit: Audited | Unaudited }
  )

interface Row {
  /** Literal text with `:name` for one segment. */
  readonly path: string
  readonly family: Family
  /** What the caller must be allowed to do. */
  readonly permission: Permission
  /** Who is refused last when there is too much to do; left out: GET is `low`, all else `normal`. */
  readonly urgency?: 'low' | 'normal' | 'high'
  /** The body that is read and decoded; without it a body is ignored. */
  readonly body?: BodySpec | ReaderSpec
  /** Refuses by path or query alone, before the body is looked at. */
  readonly admit?: (call: Call) => void
  readonly handle: (call: Call) => MaybePromise<Answer>
}

/** Why a row leaves nothing in the audit log: it only reads, is a sign of life, or tells how things are going. */
type Unaudited = 'read' | 'beat' | 'report'

/** What a row leaves in the audit log: who did it, from where, when, and what came of it, are added to it. */
export interface Audited {
  /** What is done to what: `noun.verb`. */
  readonly action: string
  /** Id or name of what is to be changed; parts with slashes, several with commas. Empty when it is still to be made. */
  readonly resource: (call: Call, registry: RegistryView, made?: string) => string
  /**
   * How it is at the moment, as JSON, from memory; undefined when it is not there. Asked before the change and after
   * it, with the id of what was made if something was.
   */
  readonly state?: (call: Call, registry: RegistryView, made?: string) => string | undefined
  /** Instead, where much is changed at once: what came of it, as JSON; undefined when nothing did. */
  readonly outcome?: (call: Call, answer: Answer) => string | undefined
  /** In whose name it is done, where no credential says it yet. */
  readonly account?: (call: Call) => string
  /** Comes in such numbers that its answer does not wait for the log. */
  readonly isFrequent?: true
}

export interface BodySpec {
  readonly shape: ObjectShape
  /** Largest body in bytes; default: the server's. */
  readonly bytesMax?: number
}

/** A body that has a reader of its own; what is no JSON at all is then refused as the monitoring API does. */
export interface ReaderSpec {
  /** Takes parsed JSON, and the text that it was. @throws DecodeError naming member and rule */
  readonly read: (value: unknown, text: string) => unknown
  readonly bytesMax: number
  /** The refusal of what is too long or what `read` does not take. */
  readonly invalid: 'MetricInvalid' | 'TransactionHeadInvalid' | 'InvalidParameters'
}

/** A route that becomes a WebSocket; a plain request to it is refused. */
export interface SocketRoute {
  readonly path: string
  readonly family: Family
  readonly permission: Permission
  /** Largest message of the client in bytes. */
  readonly messageBytesMax: number
  /** Takes the open WebSocket over; `raw` is the connection below it. */
  readonly open: (call: Call, socket: WebSocket, raw: Duplex) => void
}

/** What a caller must be allowed to do. A row of the route table without one does not compile. */
export type Permission =
  /** Everybody, without a credential. */
  | 'public'
  /** Everybody whose credential holds. */
  | 'signed-in'
  | Need

export interface Need {
  readonly resource: ResourceType
  readonly verb: Verb
  /**
   * Which services the request touches, for callers whose permissions have labels. Absent: it touches the whole tenant,
   * and only labels of domain and project can allow it.
   */
  readonly scope?: Scope
  /** Programs that cannot send a credential with an upgrade may be let in by a setting. */
  readonly isSocket?: true
}

export type Scope =
  /** The handler itself shows only what the caller may see (`visible.ts`). */
  | 'shown'
  /** The services touched; every one must be allowed. Those that do not exist are left to the handler. */
  | ((call: Call, registry: RegistryView) => Iterable<Touched>)

/** A service as labels see it. */
export interface Touched {
  readonly environment?: string
  readonly appId?: string
  readonly serviceName?: string
}
