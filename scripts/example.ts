/**
 * `npm run example`: an engine and two services in processes of their own; things go wrong, and right again.
 * `-- --at-once-ms 3000` grants a busy machine more time.
 */
import { parseArgs } from 'node:util'
import { Narrator, relation, span } from './story/narrator.ts'
import { PATIENCE_MS, type RunningEngine, type Service, Stage } from './story/stage.ts'

const LEASE_MS = 20_000
const { values } = parseArgs({ options: { 'at-once-ms': { type: 'string', default: '1000' } } })
/** Longest time from a change to its being heard of. */
const AT_ONCE_MS = Number(values['at-once-ms'])

const stage = new Stage()
const narrator = new Narrator()

async function startService(name: 'cart' | 'shop', engineUrl: string): Promise<Service> {
  const service = await stage.startService(name, engineUrl)
  const { actor, instanceId, url } = service
  narrator.tell(`${name} has joined as ${instanceId.slice(0, 8)}, process ${actor.pid}, ${url}`)
  return service
}

/** When the shop heard that a cart came or went, milliseconds since the Unix epoch. */
async function heard(shop: Service, what: 'added' | 'removed', { instanceId }: Service): Promise<number> {
  const withinMs = LEASE_MS + PATIENCE_MS
  const said = await shop.actor.until((one) => one[what]?.includes(instanceId) === true, {
    what: `hearing that cart ${instanceId} was ${what}`,
    withinMs,
  })
  return said.at
}

async function askBasket(shop: Service): Promise<string> {
  const answer = await fetch(`${shop.url}/basket`)
  return `${answer.status} ${await answer.text()}`
}

async function meet(url: string): Promise<{ readonly shop: Service; readonly cart: Service }> {
  narrator.chapter('1. Two services find each other')
  const shop = await startService('shop', url)
  const cart = await startService('cart', url)
  const delayMs = (await heard(shop, 'added', cart)) - cart.joinedAt
  narrator.claim(
    delayMs <= AT_ONCE_MS,
    `shop hears of a cart that was not there before: ${relation(delayMs)} it knew that it had joined`,
  )
  const answer = await askBasket(shop)
  narrator.claim(answer.startsWith('200') && answer.includes(cart.instanceId), `shop calls it over HTTP: ${answer}`)
  return { shop, cart }
}

async function crashCart(shop: Service, cart: Service): Promise<void> {
  narrator.chapter('2. The cart is killed')
  await cart.actor.end('SIGKILL')
  const beatAt = cart.actor.last(({ event }) => event === 'beat')?.at ?? cart.joinedAt
  const endsAt = beatAt + LEASE_MS
  narrator.tell(`SIGKILL; its last heartbeat was ${span(Date.now() - beatAt)} ago, its lease lasts ${span(LEASE_MS)}`)
  narrator.tell(`until then shop believes that it lives: ${await askBasket(shop)}`)
  const everyMs = process.stdout.isTTY ? 250 : 5_000
  const ticker = setInterval(() => {
    const leftMs = endsAt - Date.now()
    if (leftMs > 0) narrator.progress(`the lease ends in ${(leftMs / 1000).toFixed(0)} s`)
  }, everyMs)
  try {
    const lateMs = (await heard(shop, 'removed', cart)) - endsAt
    narrator.claim(Math.abs(lateMs) <= AT_ONCE_MS, `shop hears of its end ${relation(lateMs)} that of its lease`)
  } finally {
    clearInterval(ticker)
  }
  const answer = await askBasket(shop)
  narrator.claim(answer === '503 no cart is known', `shop calls nobody any more: ${answer}`)
}

async function leaveCleanly(shop: Service, url: string): Promise<void> {
  narrator.chapter('3. A new cart comes, and leaves cleanly')
  const cart = await startService('cart', url)
  const comingMs = (await heard(shop, 'added', cart)) - cart.joinedAt
  narrator.claim(comingMs <= AT_ONCE_MS, `shop hears of it ${relation(comingMs)} it knew that it had joined`)
  narrator.claim((await askBasket(shop)).startsWith('200'), 'shop calls it')
  const askedAt = Date.now()
  await cart.actor.end('SIGTERM')
  const delayMs = (await heard(shop, 'removed', cart)) - askedAt
  narrator.claim(delayMs <= AT_ONCE_MS, `SIGTERM; the cart leaves, and shop hears of it after ${span(delayMs)}`)
}

async function crashEngine(shop: Service, { engine, url }: RunningEngine): Promise<RunningEngine> {
  narrator.chapter('4. The engine is killed and comes back')
  const cart = await startService('cart', url)
  await heard(shop, 'added', cart)
  const killedAt = await engine.end('SIGKILL')
  const lost = await shop.actor.until(({ watch }) => watch === 'lost', {
    what: 'losing its watch',
    withinMs: PATIENCE_MS,
    since: killedAt - AT_ONCE_MS,
  })
  narrator.tell('SIGKILL; shop has lost its watch')
  narrator.claim((await askBasket(shop)).startsWith('200'), 'shop goes on calling the cart that it knows')
  const next = await stage.startEngine(new URL(url).port)
  const backAt = Date.now()
  narrator.tell(`the engine is back after ${span(backAt - killedAt)}, on the same folder`)
  await shop.actor.until(({ watch }) => watch === 'open', {
    what: 'watching again',
    withinMs: PATIENCE_MS,
    since: lost.at,
  })
  narrator.claim(true, 'shop watches again by itself')
  for (const { actor } of [shop, cart]) {
    const beat = await actor.until(({ event }) => event === 'beat', {
      what: 'a heartbeat that is taken',
      withinMs: PATIENCE_MS,
      since: backAt,
    })
    narrator.claim(
      true,
      `${actor.name} goes on by itself: a heartbeat ${span(beat.at - backAt)} after the engine came back`,
    )
  }
  const wasDropped = shop.actor.last((said) => said.removed?.includes(cart.instanceId) === true) !== undefined
  narrator.claim(!wasDropped, 'shop has not lost sight of the cart for a moment')
  const another = await startService('cart', next.url)
  const delayMs = (await heard(shop, 'added', another)) - another.joinedAt
  narrator.claim(delayMs <= AT_ONCE_MS, `shop hears of one more cart ${relation(delayMs)} it knew that it had joined`)
  return next
}

async function playStory(): Promise<void> {
  const first = await stage.startEngine('0')
  narrator.tell(`an engine runs at ${first.url}, process ${first.engine.pid}, with its data in ${stage.folder}`)
  const { shop, cart } = await meet(first.url)
  await crashCart(shop, cart)
  await leaveCleanly(shop, first.url)
  const second = await crashEngine(shop, first)
  for (const actor of stage.actors) if (actor !== second.engine) await actor.end('SIGTERM')
  await second.engine.end('SIGTERM')
}

try {
  await playStory()
} catch (error) {
  narrator.claim(false, String(error instanceof Error ? error.message : error))
} finally {
  await stage.clear()
}
narrator.chapter(narrator.failures === 0 ? 'All of it happened.' : `${narrator.failures} of it did not happen.`)
process.exitCode = narrator.failures === 0 ? 0 : 1
