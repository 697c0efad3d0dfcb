import { expect, test } from 'vitest'
import { judgeClock, judgeConsistency, judgeDisk, judgeLimits, judgePermissions } from './findings.ts'

const GIB = 1024 ** 3
const place = (mode: number, owner = 7) => [{ path: '/data', mode, owner }]

test.each([
  ['much room', judgeDisk({ free: 50 * GIB, used: GIB }), 'ok'],
  ['little room', judgeDisk({ free: GIB, used: 0 }), 'warning'],
  ['no room for as much again', judgeDisk({ free: 50 * GIB, used: 30 * GIB }), 'warning'],
  ['no room', judgeDisk({ free: 1000, used: 0 }), 'problem'],
  ['many files', judgeLimits(65_536), 'ok'],
  ['files without a limit', judgeLimits(undefined), 'ok'],
  ['the usual limit of a shell', judgeLimits(1024), 'warning'],
  ['few files', judgeLimits(256), 'problem'],
  ['a folder for the engine alone', judgePermissions(place(0o700), 7), 'ok'],
  ['a folder that others may read', judgePermissions(place(0o755), 7), 'warning'],
  ['a folder of somebody else', judgePermissions(place(0o700, 8), 7), 'problem'],
  ['a folder of somebody else, for root', judgePermissions(place(0o700, 8), 0), 'ok'],
  ['files of the past', judgeClock(10_000_000, 9_000_000), 'ok'],
  ['files of the future', judgeClock(10_000_000, 20_000_000), 'problem'],
  ['agreement', judgeConsistency(5, []), 'ok'],
  ['a difference', judgeConsistency(5, ['/a']), 'problem'],
] as const)('%s', (_, finding, level) => {
  expect(finding.level).toBe(level)
  // Whoever is told of something is told what to do about it.
  expect(finding.remedy === undefined).toBe(level === 'ok')
})
