import { expect, test } from 'vitest'
import { plantedProject } from './plant.ts'

const CHECK = 'error catalogue'
const TABLE = 'protocol/src/errors.ts'
const GUIDE = 'protocol/src/error-guide-registry.ts'

test('the catalogue and the source of this project know the same errors', async () => {
  using planted = plantedProject()
  const { passed, output } = await planted.run(CHECK)
  expect(passed, output).toBe(true)
  expect(Number(/^(\d+) errors, /.exec(output)?.[1])).toBeGreaterThan(30)
})

test('npm run check reports a code that is not in the catalogue, and an error that nothing raises', async () => {
  using planted = plantedProject()
  planted.write({ 'engine/src/http/planted.ts': "export const planted = ['400999', 'SVCSTG.CSE.4009999']\n" })
  planted.edit(TABLE, (text) =>
    text.replace(
      'export const ERRORS = {',
      "export const ERRORS = {\n  PlantedError: { code: '400998', text: 'Planted' },",
    ),
  )
  planted.edit(GUIDE, (text) => text.replace('GUIDE = {', 'GUIDE = {\n  PlantedGuide: {\n  },'))
  const { passed, output } = await planted.run(CHECK)
  expect(passed).toBe(false)
  expect(output.split('\n').filter((line) => /lanted/.test(line))).toEqual([
    expect.stringContaining('PlantedError has no guide'),
    `the guide of PlantedGuide has no row in ${TABLE}`,
    'PlantedError is in the catalogue, but nothing raises it',
    'engine/src/http/planted.ts: 400999 is not in the catalogue',
    'engine/src/http/planted.ts: SVCSTG.CSE.4009999 is not in the catalogue',
  ])
})

test('npm run check reports a finer reason that nothing gives, and one that nobody explains', async () => {
  using planted = plantedProject()
  planted.edit('protocol/src/error-guide-access.ts', (text) => text.replace("'401207': [", "'401299': ["))
  const { passed, output } = await planted.run(CHECK)
  expect(passed).toBe(false)
  expect(output).toContain('401299 is a reason that nothing gives')
  expect(output).toContain('engine/src/domain/auth/accounts.ts: 401207 is not in the catalogue')
})
