import { execFileSync } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { cpus, loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { type EngineOptions, EngineProcess } from './engine-process.ts'
import { measureScene } from './measure.ts'
import { MEMORY_SCENE, measureMemory } from './memory-scene.ts'
import { appendResult, type Row, sceneRow, signInRow, startRow, watchRow } from './report.ts'
import { memoryRow, scaleRow } from './scale-report.ts'
import { measureScale, SCALE_SCENES } from './scale-scene.ts'
import { SCENES } from './scenes.ts'
import { measureSignIns, SIGN_IN_SCENE } from './sign-in-scene.ts'
import { measureStart, START_SCENE } from './start-scene.ts'
import { measureWatch, WATCH_SCENES } from './watch-scene.ts'

const USAGE = `node bench/load/run.ts [options]
  --scene NAME        only this scene, may be given several times; names: ${[...SCENES, ...WATCH_SCENES, START_SCENE, SIGN_IN_SCENE, ...SCALE_SCENES, MEMORY_SCENE].map(({ name }) => name).join(' ')}
  --rounds N          pairs of slices per scene (21)
  --seconds S         length of a slice (0.5)
  --connections N     connections, one request in flight on each (10)
  --engine FILE       main module of another engine
  --profile FOLDER    write CPU profiles of the engine there
  --json              print the figures as one line of JSON instead of a table
  --no-record         do not append the figures to bench/results/registry.jsonl`

const { values: options } = parseArgs({
  allowNegative: true,
  options: {
    scene: { type: 'string', multiple: true },
    rounds: { type: 'string', default: '21' },
    seconds: { type: 'string', default: '0.5' },
    connections: { type: 'string', default: '10' },
    engine: { type: 'string' },
    profile: { type: 'string' },
    json: { type: 'boolean', default: false },
    record: { type: 'boolean', default: true },
    help: { type: 'boolean', default: false },
  },
})

const settings = {
  rounds: Number(options.rounds),
  seconds: Number(options.seconds),
  connections: Number(options.connections),
}
const figures: object[] = []
let invalid = 0

if (options.help) process.stdout.write(`${USAGE}\n`)
else await run()

async function run(): Promise<void> {
  const wanted = (name: string): boolean => options.scene === undefined || options.scene.includes(name)
  for (const scene of SCENES.filter(({ name }) => wanted(name))) {
    await onFreshEngine(scene.title, async (engine) => {
      const measured = await measureScene(scene, settings, engine)
      return [measured, sceneRow(scene, measured)]
    })
  }
  for (const scene of WATCH_SCENES.filter(({ name }) => wanted(name))) {
    await onFreshEngine(scene.title, async (engine) => {
      const measured = await measureWatch(scene, engine)
      return [measured, watchRow(scene, measured)]
    })
  }
  if (wanted(START_SCENE.name)) {
    await inFreshFolder(START_SCENE.title, async (engineOptions) => {
      const measured = await measureStart(engineOptions, progress)
      return [measured, startRow(measured)]
    })
  }
  if (wanted(SIGN_IN_SCENE.name)) {
    await inFreshFolder(SIGN_IN_SCENE.title, async (engineOptions) => {
      const measured = await measureSignIns(engineOptions, settings.rounds)
      return [measured, signInRow(measured)]
    })
  }
  for (const scene of SCALE_SCENES.filter(({ name }) => wanted(name))) {
    await inFreshFolder(scene.title, async (engineOptions) => {
      const measured = await measureScale(scene, engineOptions)
      return [measured, scaleRow(scene, measured)]
    })
  }
  if (wanted(MEMORY_SCENE.name)) {
    await inFreshFolder(MEMORY_SCENE.title, async (engineOptions) => {
      const measured = await measureMemory(engineOptions)
      return [measured, memoryRow(measured)]
    })
  }
  finish()
}

type Measured = readonly [figures: object, row: Row]

async function onFreshEngine(title: string, measure: (engine: EngineProcess) => Promise<Measured>): Promise<void> {
  await inFreshFolder(title, async (engineOptions) => {
    await using engine = await EngineProcess.start(engineOptions)
    return await measure(engine)
  })
}

async function inFreshFolder(title: string, measure: (options: EngineOptions) => Promise<Measured>): Promise<void> {
  progress(title)
  const folder = await mkdtemp(join(tmpdir(), 'rollcall-bench-'))
  try {
    const [measured, row] = await measure({ folder, entry: options.engine, profileFolder: options.profile })
    figures.push(measured)
    if (!row.isValid) invalid += 1
    if (!options.json) process.stdout.write(`${row.text}\n`)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

function finish(): void {
  const [cpu] = cpus()
  const machine = { node: process.version, cpu: cpu?.model ?? '', cores: cpus().length, loadAverage: loadavg()[0] }
  const checkout = {
    commit: git('rev-parse', '--short', 'HEAD'),
    isDirty: git('status', '--porcelain', 'engine') !== '',
  }
  const kept = { ...settings, authentication: 'off', isProfiled: options.profile !== undefined }
  const result = {
    date: new Date().toISOString(),
    ...machine,
    ...checkout,
    settings: kept,
    isValid: invalid === 0,
    figures,
  }
  if (options.record) appendResult(result)
  if (options.json) process.stdout.write(`${JSON.stringify(result)}\n`)
  if (invalid > 0) process.exitCode = 1
}

function git(...words: readonly string[]): string {
  return execFileSync('git', words, { encoding: 'utf8' }).trim()
}

function progress(text: string): void {
  process.stderr.write(`… ${text}\n`)
}
