import { describe, expect, test } from 'vitest'
import { Playback } from './playback.ts'
import { type CaseReport, playTranscript } from './player.ts'
import { type Answer, type Case, readTranscript, scenarioNames, type Transcript } from './transcript.ts'

/** The scenario without WebSockets and waits: what a server that only repeats itself can answer. */
function requestsOf(scenario: string): Transcript {
  const transcript = readTranscript(scenario)
  const cases = transcript.cases
    .filter(({ request }) => !request.method.startsWith('WS-'))
    .map(({ waitMs: _, withinMs: __, ...played }) => played)
  return { ...transcript, cases }
}

/** Plays a scenario against a server that answers what was recorded, or what `answers` says instead. */
async function playBack(transcript: Transcript, answers: readonly Case[] = transcript.cases): Promise<CaseReport[]> {
  const playback = new Playback(answers)
  const url = await playback.start()
  try {
    return await playTranscript(transcript, { url, differences: [], patienceMs: 0 })
  } finally {
    playback.stop()
  }
}

describe('the player accepts what was recorded', () => {
  test.each(scenarioNames())('%s', async (scenario) => {
    const reports = await playBack(requestsOf(scenario))
    expect(reports.filter(({ outcome }) => outcome !== 'passed')).toEqual([])
  })
})

describe('the player sees', () => {
  const scenario = requestsOf('find-basic')
  const index = scenario.cases.findIndex(({ response: { body } }) => JSON.stringify(body).includes('"instances":[{'))
  const planted = (change: (answer: Answer) => Answer) =>
    scenario.cases.map((played, at) => (at === index ? { ...played, response: change(played.response) } : played))
  const shown = (body: unknown) => body as { readonly instances: readonly Readonly<Record<string, unknown>>[] }

  test.each<[string, (answer: Answer) => Answer]>([
    ['another status', (answer) => ({ ...answer, status: 201 })],
    ['a header that is missing', ({ headers: _, ...answer }) => answer],
    ['another header', (answer) => ({ ...answer, headers: { ...answer.headers, 'content-type': 'text/html' } })],
    ['a header too much', (answer) => ({ ...answer, headers: { ...answer.headers, allow: 'GET' } })],
    ['a member too much', (answer) => ({ ...answer, body: { ...shown(answer.body), more: 1 } })],
    ['a list that is missing', (answer) => ({ ...answer, body: {} })],
    [
      'an element too much',
      (answer) => {
        const { instances } = shown(answer.body)
        return { ...answer, body: { instances: [...instances, ...instances] } }
      },
    ],
    [
      'an element that is another',
      (answer) => {
        const instances = shown(answer.body).instances.map((instance) => ({ ...instance, hostName: 'other' }))
        return { ...answer, body: { instances } }
      },
    ],
    [
      'a time that is a number',
      (answer) => {
        const instances = shown(answer.body).instances.map((instance) => ({ ...instance, timestamp: 1700000000 }))
        return { ...answer, body: { instances } }
      },
    ],
    [
      'another id than before',
      (answer) => {
        const instances = shown(answer.body).instances.map((instance) => ({ ...instance, serviceId: 'other' }))
        return { ...answer, body: { instances } }
      },
    ],
    ['text instead of JSON', (answer) => ({ ...answer, body: 'hello' })],
  ])('%s', async (_, change) => {
    const reports = await playBack(scenario, planted(change))
    expect(reports[index]?.outcome).toBe('failed')
  })
})
