/** What must not be found in the project's text files. Words are put together so that this file passes its own rules. */
export interface TextRule {
  readonly name: string
  readonly files: RegExp
  readonly forbidden: RegExp
  /** A line that breaks the rule and one that does not: the proof that the rule looks. */
  readonly breaks: string
  readonly keeps: string
}

const PENDING = 'TO' + 'DO'
const ROOT_HOME = '/ro' + 'ot/'

export const textRules: readonly TextRule[] = [
  {
    name: 'a test is neither singled out nor switched off; context.skip(reason) is for what a machine lacks',
    files: /\.test\.ts$/,
    forbidden: /\b(?:it|test|describe|suite)(?:\.\w+)*\.(?:only|skip|todo|fails|skipIf|runIf)\b/,
    breaks: `test.${'only'}('works', run)`,
    keeps: "test('works', (context) => context.skip('no browser here'))",
  },
  {
    name: `a ${PENDING} names its issue: ${PENDING}(#12)`,
    files: /\.(?:ts|tsx|grit|html|css|md)$/,
    forbidden: new RegExp(`\\b(?:${PENDING}|FIX${'ME'})\\b(?!\\(#\\d+\\))`),
    breaks: `// ${PENDING}: later`,
    keeps: `// ${PENDING}(#12): later`,
  },
  {
    name: 'no path of one machine',
    files: /(?:\.(?:ts|tsx|grit|html|css|md|json|yaml|yml)|(?:^|\/)\.[^/]+|\.ci\/run)$/,
    forbidden: /(?<![\w.:/}-])(?:\/(?:home|root|Users|work|workspace)\/\w|[A-Z]:\\\\?\w)/,
    breaks: `cd ${ROOT_HOME}project`,
    keeps: 'GET https://example.com/home/page and ./work/list',
  },
]
