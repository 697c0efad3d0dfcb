/** `npm run check`: everything that can be said about the tree without running it. */
import { runChecks } from './checks.ts'

const results = await runChecks()
process.exitCode = results.every((result) => result.passed) ? 0 : 1
