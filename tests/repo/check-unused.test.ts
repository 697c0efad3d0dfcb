import { expect, test } from 'vitest'
import { plantedProject } from './plant.ts'

const CHECK = 'unused code and dependencies'

/** What the planted files must be reported for, apart from whatever the project's own files may be reported for. */
test('npm run check reports an unused export, file, type and dependency, and an unlisted dependency', async () => {
  using planted = plantedProject()
  planted.write({
    'engine/src/kernel/planted-export.ts': 'export const plantedExport = 1\n',
    'engine/src/kernel/planted-type.ts': 'export type PlantedType = 1\n',
    'cli/src/planted-file.ts': 'console.log(1)\n',
    'scripts/planted-import.ts': "import 'planted-unlisted'\n",
  })
  planted.edit('cli/package.json', (text) => text.replace('"commander"', '"planted-unused": "1.0.0", "commander"'))
  const { passed, output } = await planted.run(CHECK, '--reporter=symbols')
  expect(passed).toBe(false)
  const reported = output.split('\n').filter((line) => line.includes('lanted'))
  const found = reported.map((line) => line.trim().split(/\s+/)[0])
  expect(found.sort()).toEqual(
    ['PlantedType', 'cli/src/planted-file.ts', 'planted-unlisted', 'planted-unused', 'plantedExport'].sort(),
  )
})
