import { adapted, type Difference } from './expectation.ts'
import { type Frame, parsed } from './frame-bytes.ts'
import { type RawAnswer, requestBytes } from './http-bytes.ts'
import { compareAnswer } from './matcher.ts'
import { Bindings, freshWord, type Grammar } from './placeholders.ts'
import { RawConnection } from './raw-connection.ts'
import { asCase, capitals, type RecordedRequest } from './recorded-client.ts'
import { SocketSteps } from './socket-steps.ts'

const FORMS: Readonly<Record<string, string>> = {
  seconds: '\\d{10}',
  milliseconds: '\\d{13}',
  host: '.+',
  server: '.+',
  port: '\\d+',
  text: '[\\s\\S]*',
  any: '[\\s\\S]*',
}

const GRAMMAR: Grammar = { token: /<([a-z][a-z0-9-]*)>/g, form: (name) => FORMS[name] }

const FRAME_WITHIN_MS = 2000

interface Needs {
  readonly url: URL
  readonly client: string
  readonly differences: readonly Difference[]
  /** What placeholders stand for from the start. */
  readonly values?: Readonly<Record<string, string>>
}

/** Sends what a client library sent, byte for byte, over one connection. */
export class Replay {
  readonly #needs: Needs
  readonly #bindings: Bindings
  readonly #sockets: SocketSteps
  readonly #opened: RecordedRequest[] = []
  #connection: RawConnection | undefined

  constructor(needs: Needs) {
    this.#needs = needs
    this.#bindings = new Bindings(GRAMMAR, { run: freshWord(), ...needs.values })
    this.#sockets = new SocketSteps(needs.url)
  }

  /** Sends one request. @returns what is wrong with the answer, or undefined */
  async send(recorded: RecordedRequest): Promise<string | undefined> {
    this.#inventDigests(recorded)
    const answer = recorded.frames === undefined ? await this.#request(recorded) : await this.#open(recorded)
    return this.#compare(recorded, answer)
  }

  /** Takes the frames of every WebSocket that was opened. @returns what is wrong with them */
  async frameProblems(): Promise<string[]> {
    const problems: string[] = []
    for (const [index, { path, frames = [] }] of this.#opened.entries()) {
      const wanted = frames.filter(({ kind }) => kind === 'text').map(({ body }) => body as { action: string })
      const got = await this.#sockets.receive({
        method: 'WS-RECEIVE',
        connection: String(index),
        withinMs: FRAME_WITHIN_MS,
        only: ['text', 'close', 'end'],
      })
      for (const body of wanted) {
        const wrong = got.map((frame) => this.#compareEvent(body, frame))
        if (!wrong.includes(undefined)) problems.push(`${path}: no ${body.action} came: ${wrong.join('; ')}`)
      }
    }
    return problems
  }

  close(): void {
    this.#connection?.close()
    this.#sockets.closeAll()
  }

  /** A digest comes from the client, so that no answer can show it first. */
  #inventDigests(recorded: RecordedRequest): void {
    for (const name of this.#bindings.unknownNames(JSON.stringify(recorded.body ?? ''))) {
      if (name.startsWith('sha256')) this.#bindings.bind(name, (freshWord() + freshWord()).padEnd(64, '0'))
    }
  }

  #compare(recorded: RecordedRequest, answer: RawAnswer): string | undefined {
    const played = asCase(recorded)
    const expectation = adapted({ scenario: this.#needs.client, played }, this.#needs.differences)
    const seen: Record<string, string> = {}
    for (const name of Object.keys(expectation.answer.headers ?? {})) {
      const value = answer.headers.find(([sent]) => sent === capitals(name))?.[1]
      if (value === undefined)
        return `no header ${capitals(name)} with these capitals: ${JSON.stringify(answer.headers)}`
      seen[name] = value
    }
    const text = answer.body.toString()
    const body = typeof expectation.answer.body === 'string' ? text : parsed(text)
    return compareAnswer(
      expectation.answer,
      { status: answer.status, headers: seen, body },
      { ...expectation, bindings: this.#bindings },
    )
  }

  /** Compares an event of the watch; which instance it is about depends on requests that were not recorded. */
  #compareEvent(expected: unknown, { body }: Frame): string | undefined {
    const free = [
      'body.instance.instanceId',
      'body.instance.status',
      'body.instance.endpoints',
      'body.instance.properties',
    ]
    const saved = this.#bindings.save()
    const wrong = compareAnswer({ body: expected }, { body }, { free, subset: [], bindings: this.#bindings })
    this.#bindings.restore(saved)
    return wrong
  }

  async #request({ method, path, headers, body }: RecordedRequest): Promise<RawAnswer> {
    const text = body === undefined ? undefined : JSON.stringify(this.#bindings.expandAll(body))
    const sent: Record<string, string> = { Host: this.#needs.url.host }
    for (const [name, value] of Object.entries(headers)) {
      sent[name] = name === 'Content-Length' ? String(Buffer.byteLength(text ?? '')) : this.#bindings.expand(value)
    }
    this.#connection ??= await RawConnection.open(this.#needs.url)
    this.#connection.write(requestBytes({ method, path: this.#bindings.expand(path) }, sent, text))
    const answer = await this.#connection.readAnswer()
    if (answer === undefined) throw new Error('the connection ended without an answer')
    return answer
  }

  async #open(recorded: RecordedRequest): Promise<RawAnswer> {
    const headers: Record<string, string> = {}
    for (const [name, value] of Object.entries(recorded.headers)) headers[name] = this.#bindings.expand(value)
    delete headers.Upgrade
    delete headers['Sec-WebSocket-Version']
    const name = String(this.#opened.push(recorded) - 1)
    // Of what is refused, nothing has been shown before.
    for (const id of this.#bindings.unknownNames(recorded.path)) this.#bindings.bind(id, freshWord())
    const answer = await this.#sockets.open(name, this.#bindings.expand(recorded.path), headers)
    return { status: answer.status ?? 0, headers: Object.entries(answer.headers ?? {}), body: Buffer.alloc(0) }
  }
}
