import type { MemoryFigures } from './memory-scene.ts'
import { MEMORY_SCENE } from './memory-scene.ts'
import type { Row } from './report.ts'
import type { ScaleFigures, ScaleScene } from './scale-scene.ts'

/** No single request may keep the others waiting for longer. */
const TURN_MS_MAX = 50

const whole = (value: number): string => value.toLocaleString('en-US', { maximumFractionDigits: 0 })

export function scaleRow({ title }: ScaleScene, figures: ScaleFigures): Row {
  const { startSeconds, megabytes, requests, errors, firstError } = figures
  const longest = Math.max(...requests.map(({ longestTurnMs }) => longestTurnMs))
  const verdict = longest <= TURN_MS_MAX ? 'holds the bar' : 'ABOVE THE BAR'
  const lines = [
    `${title}: longest turn ${whole(longest)} ms of CPU; at most ${TURN_MS_MAX} ms: ${verdict}`,
    `  start ${startSeconds.toFixed(1)} s, ${whole(megabytes)} MB at the end`,
    ...requests.map(
      ({ name, milliseconds, bytes, longestTurnMs }) =>
        `  ${name}: ${whole(milliseconds)} ms, ${whole(bytes / 1024)} KB, longest turn ${whole(longestTurnMs)} ms`,
    ),
    ...(errors === 0 ? [] : [`  INVALID: ${firstError}`]),
  ]
  return { text: lines.join('\n'), isValid: errors === 0 }
}

export function memoryRow(figures: MemoryFigures): Row {
  const { bytesPerService, bytesPerInstance, bytesPerContract } = figures
  const each = `${whole(bytesPerService)}, ${whole(bytesPerInstance)} and ${whole(bytesPerContract)} bytes`
  return { text: `${MEMORY_SCENE.title}: ${each}`, isValid: true }
}
