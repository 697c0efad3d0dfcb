/** A service that finds others: GET /basket asks one of the carts that it knows at that moment, POST /order the rest. */
import type { ServerResponse } from 'node:http'
import type { KnownInstance, Provider } from '@rollcall/client'
import { discover, httpUrl } from '@rollcall/client'
import { orderDesk } from './orders.ts'
import { answering, runService, tell } from './service.ts'

let carts: Provider | undefined
let order: (() => Promise<object>) | undefined

const service = await runService('shop', (request, response) => {
  if (request.url === '/order') answering(async () => (await order?.()) ?? {})(request, response)
  else answerBasket(response)
})
const { client, membership } = service
order = orderDesk(service)

const ids = (instances: readonly KnownInstance[]) => instances.map(({ instanceId }) => instanceId)

carts = discover(client, { consumer: membership, appId: 'shop', serviceName: 'cart' })
carts.onChange(({ instances, added, removed }) => {
  tell('carts', { known: ids(instances), added: ids(added), removed: ids(removed) })
})
await membership.joined()
client.watch(membership.serviceId, ({ kind }) => {
  if (kind !== 'event') tell('watch', { watch: kind })
})

function answerBasket(response: ServerResponse): void {
  basket().then(
    (body) => response.end(body),
    (error: Error) => {
      response.statusCode = 503
      response.end(error.message)
    },
  )
}

async function basket(): Promise<string> {
  const cart = carts?.pick()
  const url = cart === undefined ? undefined : httpUrl(cart)
  if (url === undefined) throw new Error('no cart is known')
  const answer = await fetch(`${url}/items`).catch((cause: unknown) => {
    throw new Error('the cart does not answer', { cause })
  })
  return answer.text()
}
