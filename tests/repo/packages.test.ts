import { statSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { isFixture, projectFiles, ROOT, readProjectFile } from './tree.ts'

interface Manifest {
  readonly name: string
  readonly version: string
  readonly license: string
  readonly workspaces?: readonly string[]
  readonly dependencies?: Readonly<Record<string, string>>
  readonly devDependencies?: Readonly<Record<string, string>>
}

const files = projectFiles()
const manifest = (path: string): Manifest => JSON.parse(readProjectFile(path)) as Manifest
const root = manifest('package.json')
const workspaces = (root.workspaces ?? []).map((folder) => manifest(`${folder}/package.json`))

test('every package.json belongs to a workspace', () => {
  const found = files.filter((path) => path.endsWith('/package.json') && !isFixture(path))
  expect(found).toEqual((root.workspaces ?? []).map((folder) => `${folder}/package.json`).sort())
})

test('all workspaces have the same version and licence, and ask each other for exactly that version', () => {
  const names = new Set(workspaces.map(({ name }) => name))
  for (const { name, version, license, dependencies = {}, devDependencies = {} } of workspaces) {
    expect({ name, version, license }).toEqual({ name, version: root.version, license: root.license })
    const internal = Object.entries({ ...dependencies, ...devDependencies }).filter(([other]) => names.has(other))
    expect(internal.filter(([, wanted]) => wanted !== root.version)).toEqual([])
  }
})

test('the SDK brings nothing along but the protocol, which brings nothing', () => {
  const needs = (folder: string) => Object.keys(manifest(`${folder}/package.json`).dependencies ?? {})
  expect([needs('client'), needs('protocol')]).toEqual([['@rollcall/protocol'], []])
})

test('the lock file holds no download address', () => {
  expect(readProjectFile('.npmrc').split('\n')).toContain('omit-lockfile-registry-resolved=true')
  expect(readProjectFile('package-lock.json')).not.toContain('"resolved": "http')
})

test('the lock file has every optional package, without which npm ci refuses it (npm run lock)', () => {
  const { packages } = JSON.parse(readProjectFile('package-lock.json')) as {
    packages: Readonly<Record<string, { readonly optionalDependencies?: Readonly<Record<string, string>> }>>
  }
  const wanted = Object.values(packages).flatMap((entry) => Object.keys(entry.optionalDependencies ?? {}))
  expect(wanted.filter((name) => packages[`node_modules/${name}`] === undefined)).toEqual([])
})

test('continuous integration runs the very command that README.md gives', () => {
  const lines = readProjectFile('.ci/run').split('\n')
  const [shebang, ...commands] = lines.filter((line) => line !== '' && !/^# /.test(line))
  expect(shebang).toBe('#!/usr/bin/env bash')
  expect(commands.slice(0, 2)).toEqual(['set -euo pipefail', 'cd "$(dirname "$0")/.."'])
  const command = commands.slice(2)
  expect(command).toHaveLength(1)
  expect(statSync(join(ROOT, '.ci/run')).mode & 0o111).not.toBe(0)
  const fenced = [...readProjectFile('README.md').matchAll(/^```\w*\n([\s\S]*?)^```/gm)].map((match) => match[1] ?? '')
  expect(fenced.flatMap((block) => block.split('\n').map((line) => line.trim()))).toContain(command[0])
})

/** knip takes every file that a package exports for an entry, so it cannot tell that a whole file is unused. */
test('every source file is imported by another one', () => {
  const sources = files.filter((path) => /^[a-z]+\/src\/.*(?<!\.test)\.tsx?$/.test(path))
  const entries = new Set(['engine/src/main.ts', 'cli/src/main.ts', 'client/src/index.ts', 'console/src/main.tsx'])
  const imported = new Set<string>()
  for (const path of files.filter((file) => /\.tsx?$/.test(file) && !isFixture(file))) {
    for (const [, specifier = ''] of readProjectFile(path).matchAll(/'((?:\.{1,2}|@rollcall)\/[^'\n]+)'/g)) {
      const [, workspace, file] = /^@rollcall\/(\w+)\/(.+)$/.exec(specifier) ?? []
      if (workspace !== undefined) imported.add(`${workspace}/src/${file}.ts`)
      else imported.add(join(path, '..', specifier))
    }
  }
  expect(sources.filter((path) => !entries.has(path) && !imported.has(path))).toEqual([])
})
