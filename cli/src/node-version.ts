import { versions } from 'node:process'
import { UsageError } from './explain.ts'

/** From here on Node has what the engine needs, SQLite among it. */
const NEEDED = [22, 18] as const

/**
 * Commands that talk to an engine run on older ones too; those that load the engine do not.
 * @throws UsageError when this Node is too old for the engine
 */
export function checkNode(version = versions.node): void {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const [neededMajor, neededMinor] = NEEDED
  if (major > neededMajor || (major === neededMajor && minor >= neededMinor)) return
  throw new UsageError(
    `This is Node ${version}; the engine needs ${NEEDED.join('.')} or later. Install one from nodejs.org.`,
  )
}
