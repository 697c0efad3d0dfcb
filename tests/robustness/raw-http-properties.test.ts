import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { useRawEngine } from './raw-engine.ts'
import { assertDocumented, post } from './raw-http-probe.ts'
import { BODY_ROUTES, PLAIN_ROUTES } from './raw-http-routes.ts'

const RUNS = 150
const TIMEOUT_MS = 60_000

const engine = useRawEngine()
const { answerTo } = engine

/** Values that rules and types turn on. */
const edges = fc.constantFrom<unknown>(
  '',
  ' ',
  '\0',
  '\ud800',
  '😀',
  '../..',
  'a'.repeat(161),
  '1.0.0',
  '99999.1',
  'UP',
  'push',
  0,
  -1,
  2 ** 31,
  2 ** 53,
  1e308,
  null,
  true,
  [],
  [null],
  {},
)

/** Any JSON whose members have the names that the engine looks for, and so pass the first checks now and then. */
function bodiesLike(sample: unknown): fc.Arbitrary<unknown> {
  const anything = fc.oneof(edges, fc.jsonValue({ maxDepth: 3 }))
  if (Array.isArray(sample)) {
    const element = bodiesLike(sample[0])
    return fc.oneof({ weight: 5, arbitrary: fc.array(element, { maxLength: 4 }) }, { weight: 1, arbitrary: anything })
  }
  if (typeof sample === 'object' && sample !== null) {
    const model = Object.fromEntries(Object.entries(sample).map(([name, value]) => [name, bodiesLike(value)]))
    const object = fc.record(model, { requiredKeys: [] })
    return fc.oneof({ weight: 8, arbitrary: object }, { weight: 1, arbitrary: anything })
  }
  return fc.oneof({ weight: 12, arbitrary: fc.constant(sample) }, { weight: 1, arbitrary: anything })
}

describe('whatever is sent, the answer is a success or a documented refusal', () => {
  test.each(BODY_ROUTES)('$method $path', { timeout: TIMEOUT_MS }, async ({ method, path, body }) => {
    const bodies = fc.oneof({ weight: 4, arbitrary: bodiesLike(body) }, { weight: 1, arbitrary: fc.jsonValue() })
    await fc.assert(
      fc.asyncProperty(bodies, async (value) => {
        assertDocumented(await answerTo(post({ method, path, domain: 'any' }, value)))
      }),
      { numRuns: RUNS },
    )
    expect(engine.isRunning, engine.output).toBe(true)
  })

  test.each(PLAIN_ROUTES)('%s %s', { timeout: TIMEOUT_MS }, async (method, path) => {
    const words = fc.array(
      fc.oneof(fc.string({ unit: 'binary', maxLength: 70 }), fc.constantFrom('s', 'i', '1', 'true')),
      {
        minLength: 6,
        maxLength: 6,
      },
    )
    await fc.assert(
      fc.asyncProperty(words, async (values) => {
        let index = 0
        const target = path.replaceAll(/:(?:id|value)/g, () => encoded(values[index++] ?? ''))
        const answer = await answerTo(`${method} ${target} HTTP/1.1\r\nHost: rollcall\r\nX-Domain-Name: any\r\n\r\n`)
        // An id that is empty or holds a slash makes another path of it.
        if (answer.status !== 404 && answer.status !== 405) assertDocumented(answer)
      }),
      { numRuns: RUNS },
    )
    expect(engine.isRunning, engine.output).toBe(true)
  })
})

/** As a part of a target; a lone surrogate has no UTF-8. */
function encoded(text: string): string {
  return encodeURIComponent(text.toWellFormed())
}
