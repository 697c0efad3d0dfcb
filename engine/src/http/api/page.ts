import type { ApiDocument, Operation } from './document.ts'
import { fieldsOf } from './page-fields.ts'
import { both, htmlOf, tag } from './page-html.ts'
import { PAGE_WORDS } from './page-words.ts'
import type { Schema } from './schema.ts'

interface Tag {
  readonly name: string
  readonly description: string
  readonly 'x-description-zh': string
}

interface Entry {
  readonly code: string
  readonly status: number
  readonly text: string
  readonly meaning: { readonly en: string; readonly zh: string }
  readonly remedy: { readonly en: string; readonly zh: string }
}

interface Parameter {
  readonly in: string
  readonly name: string
  readonly required: boolean
  readonly description: string
  readonly 'x-description-zh': string
  readonly schema: Schema
}

/** The document as one page: complete without a script, which only searches it and changes language and colours. */
export function pageOf(document: ApiDocument, errors: readonly Entry[]): string {
  const groups = document.tags as readonly Tag[]
  const cases = Object.entries(document.paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, operation]) => ({ path, method: method.toUpperCase(), operation })),
  )
  const sections = groups.map((group) => {
    const own = cases.filter(({ operation }) => operation.tags.includes(group.name))
    const words = both(group.description, group['x-description-zh'])
    return own.length === 0
      ? ''
      : `<section id="${group.name}"><h2>${words}</h2>${own.map(operationHtml).join('')}</section>`
  })
  const links = groups.map(({ name, description, 'x-description-zh': chinese }) => {
    return `<a href="#${name}">${both(description, chinese)}</a>`
  })
  const { version } = document.info as { version: string }
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>Rollcall API</title>
<link rel="stylesheet" href="/docs/page.css"><script src="/docs/page.js" defer></script>
</head>
<body>
<header>
<h1>Rollcall <small>API ${htmlOf(version)}</small></h1>
<input id="search" type="search" aria-label="${PAGE_WORDS.search[0]} / ${PAGE_WORDS.search[1]}" data-en="${PAGE_WORDS.search[0]}" data-zh="${PAGE_WORDS.search[1]}" placeholder="${PAGE_WORDS.search[0]}">
<output id="found" aria-live="polite"></output>
<button id="language" type="button">中文</button><button id="colours" type="button">${both(...PAGE_WORDS.colours)}</button>
</header>
<nav>${links.join('')}<a href="#errors">${both(...PAGE_WORDS.errors)}</a><a href="/openapi.json">openapi.json</a></nav>
<main>
<p class="about">${both(...PAGE_WORDS.about)}</p>
${sections.join('\n')}
<section id="errors"><h2>${both(...PAGE_WORDS.errors)}</h2>${errors.map((entry, at) => errorHtml(entry, errors[at - 1]?.code === entry.code)).join('')}</section>
<p id="nothing" hidden>${both(...PAGE_WORDS.nothing)}</p>
</main>
</body>
</html>
`
}

interface Case {
  readonly path: string
  readonly method: string
  readonly operation: Operation
}

function operationHtml({ path, method, operation }: Case): string {
  const { operationId, summary, deprecated, requestBody, parameters, responses } = operation
  const head =
    `<b class="${method}">${method}</b> <code>${htmlOf(path).replaceAll('/', '/<wbr>')}</code> ` +
    `<span>${both(summary, operation['x-summary-zh'])}</span>` +
    (deprecated === true ? ` <em>${both(...PAGE_WORDS.older)}</em>` : '')
  const body = requestBody?.content['application/json'].schema
  const parts = [
    part(PAGE_WORDS.parameters, parametersHtml(parameters as readonly Parameter[])),
    part(PAGE_WORDS.body, body === undefined ? '' : fieldsOf(body)),
    part(PAGE_WORDS.examples, examplesHtml(operation)),
    part(PAGE_WORDS.answers, answersHtml(responses)),
  ]
  return `<details id="${operationId}" class="${deprecated === true ? 'older' : ''}"><summary>${head}</summary>${parts.join('')}</details>`
}

function part(title: readonly [string, string], html: string): string {
  return html === '' ? '' : `<h3>${both(...title)}</h3>${html}`
}

function parametersHtml(parameters: readonly Parameter[]): string {
  if (parameters.length === 0) return ''
  const rows = parameters.map(({ name, in: place, required, description, schema, ...rest }) => {
    const choices = Array.isArray(schema.enum)
      ? ` <small>${htmlOf(schema.enum.filter(Boolean).join(' | '))}</small>`
      : ''
    const must = required ? ` <small class="must">${both(...PAGE_WORDS.required)}</small>` : ''
    return `<tr><td><code>${htmlOf(name)}</code>${must}</td><td>${place}</td><td>${both(description, rest['x-description-zh'])}${choices}</td></tr>`
  })
  return tag('table', rows.join(''))
}

function examplesHtml(operation: Operation): string {
  const blocks = operation['x-examples'].map(({ name, method, target, headers, body, status, code }) => {
    const lines = [
      `curl -X ${method} "$ROLLCALL${target}"`,
      ...(operation.security.length === 0 ? [] : ['-H "Authorization: Bearer $TOKEN"']),
      ...Object.entries(headers).map(([header, value]) => `-H '${header}: ${value}'`),
      ...(body === undefined
        ? []
        : [`-H 'Content-Type: application/json'`, `-d '${JSON.stringify(body).replaceAll("'", "'\\''")}'`]),
    ]
    return `<figure><figcaption>${htmlOf(name)} → ${status}${code === undefined ? '' : ` <a href="#error-${htmlOf(code)}">${htmlOf(code)}</a>`}</figcaption>${tag('pre', htmlOf(lines.join(' \\\n  ')))}</figure>`
  })
  return blocks.join('')
}

interface Answer {
  readonly description: string
  readonly content?: Readonly<Record<string, { readonly example?: unknown }>>
}

function answersHtml(responses: Readonly<Record<string, object>>): string {
  const rows = Object.entries(responses).map(([status, response]) => {
    const { description, content = {} } = response as Answer
    const samples = Object.entries(content).map(([mediaType, { example }]) => {
      if (example === undefined) return mediaType === 'application/json' ? '' : ` <small>${mediaType}</small>`
      return tag('pre', htmlOf(JSON.stringify(example, undefined, 1)))
    })
    const linked = htmlOf(description).replaceAll(
      /(?:SVCSTG\.CSE\.\d+|\b\d{6}\b)/g,
      (code) => `<a href="#error-${code}">${code}</a>`,
    )
    return `<tr><td><code>${status}</code></td><td>${linked}${samples.join('')}</td></tr>`
  })
  return tag('table', rows.join(''))
}

/** @param isAgain another text of the code before, to which links lead already */
function errorHtml({ code, status, text, meaning, remedy }: Entry, isAgain: boolean): string {
  const id = isAgain ? '' : ` id="error-${code}"`
  const head = `<b class="code">${code}</b> <span>${htmlOf(text)}</span> <small>HTTP ${status}</small>`
  return `<details${id} class="error"><summary>${head}</summary><p>${both(meaning.en, meaning.zh)}</p><p>${both(remedy.en, remedy.zh)}</p></details>`
}
