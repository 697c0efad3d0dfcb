import { expect, test } from 'vitest'
import { loadSettings } from './settings.ts'

test.each(['', 'quotas.example.com', 'ftp://quotas', '/limits'])(
  'a quota service needs an address that can be asked, which %j is not',
  (url) => {
    const start = () => loadSettings(['--quota.kind', 'http', '--quota.url', url], {})
    expect(start).toThrow(
      `quota.kind is http, so quota.url must be an address like http://host:port/path, not '${url}'`,
    )
  },
)

test.each(['http://127.0.0.1:1', 'https://quotas.example.com/limits/'])('%s is one', (url) => {
  expect(loadSettings(['--quota.kind', 'http', '--quota.url', url], {}).quota).toMatchObject({ kind: 'http', url })
})
