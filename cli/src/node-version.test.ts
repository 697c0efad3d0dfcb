import { expect, test } from 'vitest'
import { checkNode } from './node-version.ts'

test.each(['22.18.0', '23.0.0', '24.1.2'])('Node %s is new enough for the engine', (version) => {
  expect(() => checkNode(version)).not.toThrow()
})

test.each(['20.20.2', '22.17.9'])('Node %s is too old for the engine, and that is said', (version) => {
  expect(() => checkNode(version)).toThrow(`This is Node ${version}; the engine needs 22.18 or later.`)
})
