import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'

const everywhere = {
  exclude: ['**/node_modules/**', 'tests/repo/fixtures/**', '.tmp/**'],
  // To end what hangs, on a busy machine too; how fast something is, is for bench.
  testTimeout: 120_000,
  hookTimeout: 120_000,
  expect: { poll: { timeout: 10_000 } },
  allowOnly: false,
}

export default defineConfig({
  test: {
    // Most of the time of the suites is spent waiting: for leases to end, for processes to start and to stop.
    maxWorkers: 2 * availableParallelism(),
    projects: [
      {
        test: {
          ...everywhere,
          name: 'unit',
          include: ['{protocol,engine,client,cli,console,scripts,bench}/**/*.test.ts'],
        },
      },
      { test: { ...everywhere, name: 'suites', include: ['tests/**/*.test.ts'] } },
    ],
  },
})
