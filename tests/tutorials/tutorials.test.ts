import { expect, test } from 'vitest'
import { firstAbsent, unreachable } from '../interop/toolchain.ts'
import { isFixture, projectFiles, readProjectFile } from '../repo/tree.ts'
import { pagesWithCommands, readPage, unnamedBlocks } from './page.ts'
import { follow } from './reader.ts'

/** The first time, frameworks are downloaded and compiled. */
const TIMEOUT_MS = 600_000
const JAVA = [
  ['java', '-version'],
  ['javac', '-version'],
  ['mvn', '-version'],
] as const
const GO = [['go', 'version']] as const
/** What else the readers of a page need. */
const TOOLS: Readonly<Record<string, typeof JAVA | typeof GO>> = {
  'docs/tutorials/go-chassis.md': GO,
  'docs/tutorials/java-chassis.md': JAVA,
  'docs/tutorials/spring-cloud-huawei.md': JAVA,
}

test('every block of a page says what it is, and commands say that they are sh', () => {
  const pages = projectFiles().filter((path) => path.endsWith('.md') && !isFixture(path))
  const unnamed = pages.flatMap((path) => unnamedBlocks(readProjectFile(path)).map((line) => `${path}:${line}`))
  expect(unnamed).toEqual([])
  expect(unnamedBlocks('a\n```\nls\n```\n```bash\nls\n```\n```sh\nls\n```\n  ```sh\n  ls\n  ```\n')).toEqual([2, 5, 11])
})

test.for(pagesWithCommands())(
  '%s: whoever does all it says sees what it says',
  { timeout: TIMEOUT_MS },
  async (path, context) => {
    const absent = await firstAbsent([['curl', '--version'], ...(TOOLS[path] ?? [])])
    if (absent !== undefined) context.skip(`${absent} is not installed`)
    const { failure, output } = await follow(readPage(path), TIMEOUT_MS - 30_000)
    const line = failure && unreachable(output)
    if (line !== undefined) context.skip(`a registry is out of reach: ${line.slice(0, 300)}`)
    expect(failure, `${path}, line ${failure?.commands.line}`).toBeUndefined()
  },
)
