import { existsSync, readFileSync } from 'node:fs'
import type { Document } from 'yaml'
import { isMap, isScalar, LineCounter, parseDocument } from 'yaml'
import type { Given, Problem } from './parse.ts'

const DEFAULT_FILE = 'rollcall.yaml'

/**
 * Settings from a YAML file: nested (`server: { port: 30200 }`) or by full name (`server.port: 30200`).
 * @param path undefined: `rollcall.yaml` in the working folder, if there is one
 */
export function readSettingsFile(path: string | undefined, problems: Problem[]): Given[] {
  const file = path ?? DEFAULT_FILE
  if (path === undefined && !existsSync(file)) return []
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    problems.push({ sentence: `Cannot read the settings file ${file}: ${(error as Error).message}.` })
    return []
  }
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines })
  for (const { message } of document.errors) problems.push({ sentence: `Settings file ${file}: ${message}` })
  return document.errors.length > 0 ? [] : collect(document, { file, lines, problems })
}

interface Place {
  readonly file: string
  readonly lines: LineCounter
  readonly problems: Problem[]
}

function collect(document: Document.Parsed, place: Place): Given[] {
  if (document.contents === null) return []
  if (isMap(document.contents)) return walk(document.contents, '', place)
  place.problems.push({
    sentence: `Settings file ${place.file} must hold names and values, such as 'server.port: 30200'.`,
  })
  return []
}

function walk(node: unknown, prefix: string, place: Place): Given[] {
  if (!isMap(node)) return []
  return node.items.flatMap(({ key, value }) => {
    const name = `${prefix}${isScalar(key) ? String(key.value) : '?'}`
    if (isMap(value)) return walk(value, `${name}.`, place)
    const { range } = (isScalar(key) ? key : {}) as { range?: readonly number[] }
    const origin = `${place.file}, line ${place.lines.linePos(range?.[0] ?? 0).line}`
    if (isScalar(value) && value.value !== null) return [{ name, text: String(value.value), origin }]
    place.problems.push({ sentence: `Setting ${name} (${origin}) must have one plain value.` })
    return []
  })
}
