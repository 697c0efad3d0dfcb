/** `npm test [-- filter…]`: the checks, then every test; the last line counts them all. */
import type { Reporter, TestCase, TestModule } from 'vitest/node'
import { startVitest } from 'vitest/node'
import { runChecks } from './checks.ts'
import { installMissingPrograms } from './debian-packages.ts'

/** Counts what vitest ran; a file that could not be loaded and an error outside a test count as failures. */
class Tally implements Reporter {
  passed = 0
  failed = 0
  readonly skipped: string[] = []

  onTestCaseResult(test: TestCase): void {
    const result = test.result()
    if (result.state === 'passed') this.passed++
    else if (result.state === 'failed') this.failed++
  }

  onTestModuleEnd(module: TestModule): void {
    if (module.errors().length > 0) this.failed++
    for (const suite of module.children.allSuites()) if (suite.errors().length > 0) this.failed++
    for (const test of module.children.allTests('skipped')) this.skipped.push(describeSkipped(test))
  }

  onTestRunEnd(_modules: readonly TestModule[], unhandled: readonly unknown[]): void {
    this.failed += unhandled.length
  }
}

function describeSkipped(test: TestCase): string {
  const result = test.result()
  const reason = result.state === 'skipped' ? result.note : undefined
  return `skipped: ${test.module.relativeModuleId} > ${test.fullName}: ${reason ?? 'no reason given'}`
}

const checkResults = await runChecks()
installMissingPrograms()
const tally = new Tally()
const vitest = await startVitest('test', process.argv.slice(2), { watch: false, reporters: ['default', tally] })
await vitest.close()

const passed = tally.passed + checkResults.filter((check) => check.passed).length
const failed = tally.failed + checkResults.filter((check) => !check.passed).length
for (const line of tally.skipped) console.log(line)
const isGood = failed === 0 && passed > checkResults.length
// A test that left something running must not keep this process alive; the line is out before it ends.
process.stdout.write(`${passed} passed, ${failed} failed, ${tally.skipped.length} skipped\n`, () => {
  process.exit(isGood ? 0 : 1)
})
