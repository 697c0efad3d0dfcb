/** A service that others find: it answers GET /items. */
import { answering, runService } from './service.ts'

const ITEMS = ['tea', 'biscuits']

const { membership } = await runService(
  'cart',
  answering(async () => ({ items: ITEMS, from: membership.instanceId })),
)
