import { expect, test } from 'vitest'
import type { TestEngine } from '../../test-engine.ts'
import { useEngine } from '../../test-engine.ts'
import type { ApiDocument } from '../api/document.ts'

const closed = useEngine({ flags: ['--auth.mode', 'on'] })
const open = useEngine()

const documentOf = async ({ url }: TestEngine) => (await (await fetch(`${url}/openapi.json`)).json()) as ApiDocument

test.each(['/openapi.json', '/docs', '/docs/page.css', '/docs/page.js', '/v4/errors'])(
  '%s is for everybody, also when all else asks for a token',
  async (path) => {
    expect((await fetch(`${closed.url}${path}`)).status).toBe(200)
  },
)

test('what is registered does not show in the document', async () => {
  const before = await documentOf(open)
  const service = { serviceName: 'secret-service', version: '1.0.0' }
  const body = JSON.stringify({ service })
  expect((await fetch(`${open.url}/v4/default/registry/microservices`, { method: 'POST', body })).status).toBe(200)
  expect(await documentOf(open)).toEqual(before)
})

test('only an engine with access control shows its requests, and asks for a token', async () => {
  const signIn = '/v4/token'
  const list = '/v4/{project}/registry/microservices'
  const [withTokens, without] = [await documentOf(closed), await documentOf(open)]
  expect(Object.keys(withTokens.paths)).toContain(signIn)
  expect(Object.keys(without.paths)).not.toContain(signIn)
  expect(withTokens.paths[list]?.get?.security).toEqual([{ token: [] }])
  expect(withTokens.paths['/version']?.get?.security).toEqual([])
  expect(without.paths[list]?.get?.security).toEqual([])
})

test('the page shows every request and every error in both languages', async () => {
  const page = await (await fetch(`${closed.url}/docs`)).text()
  const operations = Object.values((await documentOf(closed)).paths).flatMap((own) => Object.values(own))
  const missing = operations.filter((one) => !page.includes(one.summary) || !page.includes(one['x-summary-zh']))
  expect(missing.map(({ operationId }) => operationId)).toEqual([])
  const { errors } = (await (await fetch(`${closed.url}/v4/errors`)).json()) as { errors: { code: string }[] }
  expect(errors.filter(({ code }) => !page.includes(`id="error-${code}"`))).toEqual([])
})

test('the page loads and runs nothing but its own two files', async () => {
  const response = await fetch(`${open.url}/docs`)
  const page = await response.text()
  expect(response.headers.get('content-security-policy')).toContain(
    "default-src 'none'; style-src 'self'; script-src 'self'",
  )
  const loaded = [...page.matchAll(/<(?:script|link|img|iframe)[^>]*?(?:src|href)="([^"]*)"/g)].map((match) => match[1])
  expect(loaded).toEqual(['/docs/page.css', '/docs/page.js'])
  expect(page).not.toMatch(/<script>|\sstyle="|\son\w+="/)
})

test('each id of the page is there once, so that links lead somewhere', async () => {
  const page = await (await fetch(`${open.url}/docs`)).text()
  const ids = [...page.matchAll(/ id="([^"]+)"/g)].map((match) => match[1])
  expect(ids.filter((id, at) => ids.indexOf(id) !== at)).toEqual([])
})
