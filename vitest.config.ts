import { defineConfig } from 'vitest/config'

const everywhere = {
  exclude: ['**/node_modules/**', 'tests/repo/fixtures/**', '.tmp/**'],
  testTimeout: 30_000,
  allowOnly: false,
}

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          ...everywhere,
          name: 'unit',
          include: ['{protocol,engine,client,cli,console,scripts,bench}/**/*.test.ts'],
        },
      },
      { test: { ...everywhere, name: 'suites', include: ['tests/**/*.test.ts'], hookTimeout: 30_000 } },
    ],
  },
})
