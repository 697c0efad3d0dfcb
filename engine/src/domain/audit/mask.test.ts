import fc from 'fast-check'
import { expect, test } from 'vitest'
import { encodeRecord } from './record.ts'

const SECRET = 'hunter2-Zq8-and-more-of-it'

const about = {
  account: 'ann',
  address: '',
  agent: '',
  action: 'service.create',
  tenant: '',
  resource: '',
  result: 'ok',
}

/** What is kept of a state that somebody was shown. */
function kept(after: unknown): string {
  return encodeRecord({ ...about, after: JSON.stringify(after) }, 0)
}

const affix = fc.string({ unit: fc.constantFrom('a', 'Z', '9', '_', '.', '-'), maxLength: 8 })
const words = [
  ...['password', 'PASSWD', 'passphrase', 'pwd', 'secret', 'token', 'credentials'],
  ...['private-key', 'apiKey', 'authorization'],
]
const names = fc.tuple(affix, fc.constantFrom(...words), affix).map((parts) => parts.join(''))

/** A secret in every kind of place that gives it away. */
const places = fc.oneof(
  names.map((name) => ({ [name]: SECRET })),
  names.map((name) => ({ [name]: [SECRET, { deep: SECRET }] })),
  names.map((name) => `${name}=${SECRET}`),
  names.map((name) => JSON.stringify({ [name]: SECRET })),
  fc.constant(`postgres://app:${SECRET}@db/shop`),
  fc.constant(`Bearer ${SECRET}`),
  fc.constant(`Basic ${SECRET}`),
  fc.constant(`eyJhbGciOiJSUzUxMiJ9.eyJhIjoxfQ.${SECRET}`),
  fc.constant(`-----BEGIN RSA PRIVATE KEY-----\n${SECRET}`),
)

const { tree } = fc.letrec((tie) => ({
  tree: fc.oneof(
    { depthSize: 'small' },
    places,
    fc.record({ name: fc.string(), part: tie('tree') }),
    fc.array(tie('tree'), { minLength: 1, maxLength: 3 }),
  ),
}))

test('a secret is not kept, wherever in a state it stands', () => {
  fc.assert(
    fc.property(tree, (state) => {
      const text = kept(state)
      expect(text).not.toContain(SECRET)
      expect(text).toContain('[secret]')
      JSON.parse(text)
    }),
  )
})

test.each(['agent', 'address', 'resource', 'detail'])('nor in what a client says as its %s', (member) => {
  fc.assert(
    fc.property(names, (name) => {
      expect(encodeRecord({ ...about, [member]: `a ${name}: ${SECRET}` }, 0)).not.toContain(SECRET)
    }),
  )
})

test.each([
  [{ tokenExpirationTime: '12h' }],
  [{ password: '' }],
  [{ isSecret: true }],
  [{ url: 'http://10.0.0.1:80/a@b' }],
  [{ endpoints: ['rest://[::1]:80?sslEnabled=false'], description: 'the token service' }],
])('what gives nothing away is kept as it is: %j', (state) => {
  expect(JSON.parse(kept(state)).after).toEqual(state)
})

test('of a state that is too long the beginning is kept', () => {
  const { after } = JSON.parse(kept({ text: 'x'.repeat(100_000) }))
  expect(after).toEqual({ length: 100_011, beginning: `{"text":"${'x'.repeat(16_384 - 9)}` })
})
