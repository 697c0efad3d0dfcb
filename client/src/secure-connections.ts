/** How connections to an https address are made; texts in PEM. */
export interface TlsOptions {
  /** Authorities that are trusted instead of those that Node knows. */
  readonly ca?: string | readonly string[]
  /** Certificate and private key that this client shows. */
  readonly cert?: string
  readonly key?: string
}

/** What Node's fetch and WebSocket take as `dispatcher`: it makes their connections. */
export interface Dispatcher {
  destroy(): Promise<void>
}

type DispatcherClass = new (options: { readonly connect: object }) => Dispatcher

/** Where Node keeps the dispatcher that fetch uses when it is given none; the number changes with its HTTP client. */
const KEPT_AT = ['undici.globalDispatcher.2', 'undici.globalDispatcher.1'].map((name) => Symbol.for(name))

/**
 * A dispatcher whose connections trust and show what the options say. Node has the class but does not hand it out: it is
 * taken from the one that is in use, so that the SDK needs no package besides.
 * @throws Error when this Node does not show it; NODE_EXTRA_CA_CERTS then does for authorities
 */
export function secureDispatcher({ ca, cert, key }: TlsOptions): Dispatcher {
  // The first look at it loads Node's HTTP client.
  void globalThis.WebSocket
  const places = globalThis as unknown as Readonly<
    Record<symbol, { readonly constructor: DispatcherClass } | undefined>
  >
  const inUse = KEPT_AT.map((place) => places[place]).find((dispatcher) => dispatcher !== undefined)
  if (inUse === undefined) {
    throw new Error(`Node ${process.versions.node} takes no TLS options here; set NODE_EXTRA_CA_CERTS to the authority`)
  }
  return new inUse.constructor({ connect: { ca, cert, key } })
}
