import { isFile, STATEMENTS } from './differences.ts'
import type { Statement } from './expectation.ts'
import { readTranscript, scenarioNames } from './transcript.ts'

/** The page about what is like Service Center and what is not, in Markdown. */
export function compatibilityPage(): string {
  const scenarios = scenarioNames().map(readTranscript)
  const requests = scenarios.reduce((sum, { cases }) => sum + cases.length, 0)
  const promised = STATEMENTS.promised.map((statement) => `${row(statement)} ${place(statement.test)} |`)
  return [
    '# Compatibility with Service Center',
    '',
    `Rollcall answers like Apache ServiceComb Service Center 2.2. ${requests} requests in ${scenarios.length} scenarios were recorded on a`,
    'running Service Center with their whole answers (`tests/conformance/wire/transcripts/`), and what published Java and Go',
    'clients sent to it, byte for byte. What Rollcall has besides is held by scenarios of the same form in',
    '`tests/conformance/wire/own/`. `npm test` plays all of them; so can you, against any server:',
    '',
    '```sh',
    '# not run here: `npm test` does, in tests/conformance/wire/wire.test.ts',
    'ROLLCALL_URL=http://127.0.0.1:30100 npm run conformance',
    '```',
    '',
    'What follows is every difference that is intended. Anything else that differs is a defect.',
    '',
    'This page is generated from `tests/conformance/wire/differences.ts` by `npm run docs`.',
    '',
    '## Seen in recorded answers',
    '',
    '| Service Center | Rollcall | why |',
    '|---|---|---|',
    ...STATEMENTS.recorded.map(row),
    '',
    '## Beyond the recordings',
    '',
    '| Service Center | Rollcall | why | held by |',
    '|---|---|---|---|',
    ...promised,
    '',
  ].join('\n')
}

function row({ original, ours, reason }: Statement): string {
  return `| ${original} | ${ours} | ${reason} |`
}

function place(test: string): string {
  return isFile(test) ? `\`${test}\`` : `\`decisions.test.ts\`: ${test}`
}
