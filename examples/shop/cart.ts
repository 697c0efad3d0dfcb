/** A service that others find: it answers GET /items. */
import { runService } from './service.ts'

const ITEMS = ['tea', 'biscuits']

const { membership } = await runService('cart', (_request, response) => {
  response.setHeader('Content-Type', 'application/json')
  response.end(JSON.stringify({ items: ITEMS, from: membership.instanceId }))
})
