import { expect, test } from 'vitest'
import { firstAbsent, unreachable } from '../interop/toolchain.ts'
import { readPage } from './page.ts'
import { follow } from './reader.ts'

/** The first time, frameworks are downloaded and compiled. */
const TIMEOUT_MS = 600_000
const JAVA = [
  ['java', '-version'],
  ['javac', '-version'],
  ['mvn', '-version'],
] as const
const PAGES = [
  ['README.md', []],
  ['docs/tutorials/node.md', []],
  ['docs/tutorials/go-chassis.md', [['go', 'version']]],
  ['docs/tutorials/java-chassis.md', JAVA],
  ['docs/tutorials/spring-cloud-huawei.md', JAVA],
] as const
/** Commands that other tests run: npm-start.test.ts and packages.test.ts. They would start an engine or all tests. */
const RUN_ELSEWHERE = /^npm ci && npm (?:start|test)\n$/

test.for(PAGES)(
  '%s: whoever does all it says sees what it says',
  { timeout: TIMEOUT_MS },
  async ([path, tools], context) => {
    const absent = await firstAbsent([['curl', '--version'], ...tools])
    if (absent !== undefined) context.skip(`${absent} is not installed`)
    const { files, commands } = readPage(path)
    const own = commands.filter(({ commands }) => !RUN_ELSEWHERE.test(commands))
    expect(own.length).toBeGreaterThan(0)
    const { failure, output } = await follow({ files, commands: own }, TIMEOUT_MS - 30_000)
    const line = failure && unreachable(output)
    if (line !== undefined) context.skip(`a registry is out of reach: ${line.slice(0, 300)}`)
    expect(failure, `${path}, line ${failure?.commands.line}`).toBeUndefined()
  },
)
