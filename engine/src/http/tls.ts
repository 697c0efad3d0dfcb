import { createHash } from 'node:crypto'
import type { ServerOptions } from 'node:https'
import type { Server, TLSSocket } from 'node:tls'
import type { Clock, Stoppable } from '../kernel/clock.ts'
import { fileList } from '../kernel/file-list.ts'
import type { Log } from '../kernel/log.ts'
import {
  type CertificateFiles,
  type CertificateTexts,
  type Credentials,
  checkTexts,
  readTexts,
} from './certificates.ts'

interface TlsSettings {
  /** Files, by comma. */
  readonly cert: string
  readonly key: string
  readonly ca: string
  readonly client: 'off' | 'optional' | 'require'
  readonly minVersion: '1.2' | '1.3'
  /** 0: only when asked to. */
  readonly reloadSeconds: number
}

interface Needs {
  readonly clock: Clock
  readonly log: Log
}

/** With forward secrecy and authenticated encryption, for both kinds of keys; the first three are those of TLS 1.3. */
const CIPHERS = [
  'TLS_AES_128_GCM_SHA256',
  'TLS_AES_256_GCM_SHA384',
  'TLS_CHACHA20_POLY1305_SHA256',
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES128-GCM-SHA256',
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES256-GCM-SHA384',
  'ECDHE-ECDSA-CHACHA20-POLY1305',
  'ECDHE-RSA-CHACHA20-POLY1305',
].join(':')

const DAY_MS = 86_400_000
/** From so many days before its end on a certificate is spoken of. */
const NOTICE_DAYS = 14

/** The certificates of a running engine: read at the start, and again whenever the files have changed. */
export class Tls {
  readonly #settings: TlsSettings
  readonly #clock: Clock
  readonly #log: Log
  readonly #timers: Stoppable[] = []
  #server: Server | undefined
  #credentials: Credentials
  /** Digest of what was found last, good or not: the same is not told twice. */
  #seen: string
  #looks = Promise.resolve()

  private constructor(settings: TlsSettings, { clock, log }: Needs, texts: CertificateTexts) {
    this.#settings = settings
    this.#clock = clock
    this.#log = log
    this.#credentials = checkTexts(texts, clock.now())
    this.#seen = digestOf(JSON.stringify(texts))
  }

  /** @throws CertificateError when the files cannot be used */
  static async open(settings: TlsSettings, needs: Needs): Promise<Tls> {
    return new Tls(settings, needs, await readTexts(filesOf(settings)))
  }

  /** When the first of the certificates ends. */
  get validUntil(): Date {
    return this.#credentials.validUntil
  }

  /** What a server is made with. */
  get serverOptions(): ServerOptions {
    const { client } = this.#settings
    return {
      ...this.#context(),
      requestCert: client !== 'off',
      rejectUnauthorized: client === 'require',
    }
  }

  /** From now on the server gets what is read anew; connections that are open stay as they are. */
  attach(server: Server): void {
    this.#server = server
    // What has not even shaken hands gets no answer in clear.
    server.on('tlsClientError', (_, socket) => socket.destroy())
    // Before anything of HTTP is set up on the connection.
    if (this.#settings.client === 'optional') server.prependListener('secureConnection', refuseWrongCertificate)
    if (!this.#credentials.kinds.includes('rsa')) {
      this.#log.warn({ kinds: this.#credentials.kinds }, 'Java clients cannot watch without an RSA certificate')
    }
    this.#tellOfEnd()
    this.#timers.push(this.#clock.every(DAY_MS, () => this.#tellOfEnd()))
    const { reloadSeconds } = this.#settings
    if (reloadSeconds > 0) this.#timers.push(this.#clock.every(reloadSeconds * 1000, () => void this.#look()))
  }

  /** Reads the files now, and says what came of it even when they are the same. */
  async reload(): Promise<void> {
    await this.#look({ isAsked: true })
  }

  stop(): void {
    for (const timer of this.#timers) timer.stop()
  }

  /** One look after the other: of two at once the older one could win. */
  #look({ isAsked = false } = {}): Promise<void> {
    this.#looks = this.#looks.then(() => {
      if (isAsked) this.#seen = ''
      return this.#read()
    })
    return this.#looks
  }

  async #read(): Promise<void> {
    let texts: CertificateTexts
    try {
      texts = await readTexts(filesOf(this.#settings))
    } catch (error) {
      if (this.#isNew(String(error))) this.#keep(error)
      return
    }
    if (!this.#isNew(JSON.stringify(texts))) return
    try {
      this.#take(checkTexts(texts, this.#clock.now()))
    } catch (error) {
      this.#keep(error)
    }
  }

  /** Whether what was found differs from what was found the last time, whatever came of that. */
  #isNew(found: string): boolean {
    const digest = digestOf(found)
    if (digest === this.#seen) return false
    this.#seen = digest
    return true
  }

  #keep(err: unknown): void {
    this.#log.error({ err }, 'new certificates cannot be used; those from before stay')
  }

  #take(credentials: Credentials): void {
    this.#credentials = credentials
    this.#server?.setSecureContext(this.#context())
    this.#log.info({ validUntil: credentials.validUntil }, 'certificates read')
    this.#tellOfEnd()
  }

  #context(): ServerOptions {
    const { cert, key, ca } = this.#credentials
    const { minVersion } = this.#settings
    return { cert, key, ...(ca && { ca }), ciphers: CIPHERS, minVersion: `TLSv${minVersion}` }
  }

  #tellOfEnd(): void {
    const { validUntil } = this.#credentials
    const days = Math.floor((validUntil.getTime() - this.#clock.now()) / DAY_MS)
    if (days < NOTICE_DAYS) this.#log.warn({ validUntil, days }, 'a certificate ends soon or has ended')
  }
}

function refuseWrongCertificate(socket: TLSSocket): void {
  if (!socket.authorized && socket.getPeerX509Certificate() !== undefined) socket.destroy()
}

function filesOf({ cert, key, ca }: TlsSettings): CertificateFiles {
  return { cert: fileList(cert), key: fileList(key), ca: fileList(ca) }
}

function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
