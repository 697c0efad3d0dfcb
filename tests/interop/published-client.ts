import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, type TestContext } from 'vitest'
import { Driver } from './driver.ts'
import { EngineUnderTest } from './engine-under-test.ts'
import type { Build } from './toolchain.ts'

/** The first time, all packages are downloaded and all libraries compiled. */
const BUILD_WITHIN_MS = 600_000

/** What the tests of one published client share. */
export interface PublishedClient {
  readonly engine: EngineUnderTest
  /** Starts a driver. Skips the test where the client cannot be had. */
  start(context: TestContext): Driver
}

/** Builds the driver of a client and starts an engine before the tests of a file, and clears all away after them. */
export function usePublishedClient(buildDriver: (folder: string) => Promise<Build>): PublishedClient {
  let folder: string
  let build: Build
  let engine: EngineUnderTest

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'rollcall-interop-'))
    build = await buildDriver(folder)
    engine = await EngineUnderTest.start()
  }, BUILD_WITHIN_MS)

  afterAll(async () => {
    await engine?.[Symbol.asyncDispose]()
    await rm(folder, { recursive: true })
  })

  return {
    get engine() {
      return engine
    },
    start(context) {
      if ('missing' in build) return context.skip(build.missing)
      return new Driver(build)
    },
  }
}
