import { expect, test } from 'vitest'
import { Story } from './story.ts'

/** The test runner keeps the machine busy, so the example is granted more time. */
const start = () => new Story('example.ts', ['--at-once-ms', '3000'])

test('all of the story happens', { timeout: 240_000 }, async () => {
  const story = start()
  expect(await story.end(), story.output).toBe(0)
  expect(story.output).toContain('All of it happened.')
  expect(story.output.match(/✔/g)?.length).toBeGreaterThanOrEqual(13)
  expect(story.output).not.toContain('✘')
})

test('interrupted in the middle, it leaves nothing behind', { timeout: 120_000 }, async () => {
  const story = start()
  await story.heard(/process \d+[\s\S]*process \d+/)
  expect(await story.end('SIGTERM')).toBe(143)
  story.expectNothingLeft()
})
