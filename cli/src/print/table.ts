import { styleText } from 'node:util'

/** One column: its heading, how to get its text, and the colour of a text. */
export interface Column<Row> {
  readonly title: string
  readonly text: (row: Row) => string
  readonly color?: (text: string) => 'green' | 'red' | 'yellow' | 'gray' | undefined
}

const GAP = '  '

/** A table for people: a line of headings and a line per row, each column as wide as its longest text. */
export function table<Row>(
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  stream: NodeJS.WritableStream,
): string {
  const texts = rows.map((row) => columns.map(({ text }) => printable(text(row)) || '-'))
  const widths = columns.map(({ title }, at) => Math.max(title.length, ...texts.map((line) => line[at]?.length ?? 0)))
  const print = (line: readonly string[], paint: (text: string, at: number) => string) => {
    const cells = line.map(
      (text, at) => paint(text, at) + padding(text, at === line.length - 1 ? 0 : (widths[at] ?? 0)),
    )
    return `${cells.join(GAP)}\n`
  }
  const heading = print(
    columns.map(({ title }) => title),
    (text) => styleText('gray', text, { stream }),
  )
  const lines = texts.map((line) =>
    print(line, (text, at) => {
      const color = columns[at]?.color?.(text)
      return color === undefined ? text : styleText(color, text, { stream })
    }),
  )
  return heading + lines.join('')
}

/** Names and values of one thing, a line each; empty values are left out. */
export function fields(pairs: readonly (readonly [name: string, value: string | undefined])[]): string {
  const shown = pairs.filter(([, value]) => value !== undefined && value !== '')
  const width = Math.max(...shown.map(([name]) => name.length))
  return shown.map(([name, value]) => `${name}${padding(name, width)}${GAP}${printable(value ?? '')}\n`).join('')
}

function padding(text: string, width: number): string {
  return ' '.repeat(Math.max(0, width - text.length))
}

/** What others have registered must not steer this terminal. */
export function printable(text: string): string {
  return text.replaceAll(/\p{Cc}|\p{Bidi_Control}/gu, '?')
}
