import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Build, buildGoDriver, buildJavaDriver } from './toolchain.ts'

/** Nothing listens there. */
const NOWHERE = 'http://127.0.0.1:1'
const BUILD_WITHIN_MS = 120_000

let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rollcall-interop-tools-'))
})

afterAll(async () => {
  await rm(folder, { recursive: true })
})

/** What a build says is missing; a machine without the tools says so and is as good. */
function missing(build: Build): string {
  if (!('missing' in build)) throw new Error('it was built')
  return build.missing
}

const REASON = /is not installed$|^the published client cannot be downloaded: /

test('a Maven registry that is out of reach is a reason to skip', { timeout: BUILD_WITHIN_MS }, async () => {
  const settings = join(folder, 'settings.xml')
  const mirror = `<mirror><id>nowhere</id><mirrorOf>*</mirrorOf><url>${NOWHERE}</url></mirror>`
  await writeFile(settings, `<settings><mirrors>${mirror}</mirrors></settings>`)
  const maven = ['-s', settings, `-Dmaven.repo.local=${join(folder, 'maven')}`]
  expect(missing(await buildJavaDriver(folder, { maven }))).toMatch(REASON)
})

test('a Go proxy that is out of reach is a reason to skip', { timeout: BUILD_WITHIN_MS }, async () => {
  const go = { GOPROXY: NOWHERE, GOMODCACHE: join(folder, 'go') }
  expect(missing(await buildGoDriver(folder, { go }))).toMatch(REASON)
})

test('a driver that asks for what no registry has is a failure, not a reason to skip', async (context) => {
  const known = await buildGoDriver(folder, { go: { GOPROXY: NOWHERE, GOMODCACHE: join(folder, 'go') } })
  if (missing(known) === 'go is not installed') context.skip('go is not installed')
  await expect(buildGoDriver(folder, { go: { GOPROXY: 'off', GOMODCACHE: join(folder, 'go') } })).rejects.toThrow(
    'cannot be resolved',
  )
})
