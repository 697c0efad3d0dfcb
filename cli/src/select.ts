import type { Client, KnownInstance, KnownService } from '@rollcall/client'
import { isRefusal } from '@rollcall/client'
import { ERRORS } from '@rollcall/protocol/errors'
import { MissingError, UsageError } from './explain.ts'

const CANDIDATES_SHOWN_MAX = 10
const PREFIX_LENGTH_MIN = 4

/** How people name a service version: `[environment/]application/name/version`. */
export function pathOf({ environment = '', appId, serviceName, version }: KnownService): string {
  return [...(environment === '' ? [] : [environment]), appId, serviceName, version].join('/')
}

/**
 * The service that somebody means: by id, or by as much of its path as is unique (`cart`, `shop/cart`, `cart/1.0.0`).
 * @throws MissingError when nothing fits, UsageError when more than one does
 */
export async function selectService(client: Client, text: string): Promise<KnownService> {
  const known = await getService(client, text)
  if (known !== undefined) return known
  const fitting = (await client.services.list()).filter((service) => `/${pathOf(service)}/`.includes(`/${text}/`))
  const [only] = fitting
  if (only !== undefined && fitting.length === 1) return only
  if (only === undefined) {
    const { code } = ERRORS.ServiceNotFound
    const message = `There is no service '${text}' (${code}). "rollcall services list" shows what there is.`
    throw new MissingError(message, ERRORS.ServiceNotFound)
  }
  const candidates = fitting
    .slice(0, CANDIDATES_SHOWN_MAX)
    .map((service) => `  ${service.serviceId}  ${pathOf(service)}`)
  throw new UsageError(
    `'${text}' fits ${fitting.length} services; name one by id or whole path:\n${candidates.join('\n')}`,
  )
}

async function getService(client: Client, serviceId: string): Promise<KnownService | undefined> {
  if (serviceId.includes('/')) return undefined
  try {
    return await client.services.get(serviceId)
  } catch (error) {
    if (isRefusal(error, 'ServiceNotFound', 'InvalidParameters')) return undefined
    throw error
  }
}

/**
 * The instance of a service that somebody means: by id, or by the beginning of one.
 * @throws MissingError when nothing fits, UsageError when more than one does
 */
export async function selectInstance(client: Client, service: KnownService, text: string): Promise<KnownInstance> {
  const instances = await client.instances.list(service.serviceId)
  const exact = instances.find(({ instanceId }) => instanceId === text)
  if (exact !== undefined) return exact
  const isPrefix = text.length >= PREFIX_LENGTH_MIN
  const fitting = isPrefix ? instances.filter(({ instanceId }) => instanceId.startsWith(text)) : []
  const [only] = fitting
  if (only !== undefined && fitting.length === 1) return only
  const path = pathOf(service)
  const advice = `"rollcall instances list ${path}" shows what there is.`
  if (only !== undefined) throw new UsageError(`${path} has ${fitting.length} instances '${text}'. ${advice}`)
  const { code } = ERRORS.InstanceNotFound
  throw new MissingError(`${path} has no instance '${text}' (${code}). ${advice}`, ERRORS.InstanceNotFound)
}
