import { type Captured, capture } from './capture.ts'
import type { RequestSpec } from './request.ts'

export const REGISTRY = '/v4/default/registry'

const CALLS_AT_ONCE = 32

/** The instance of Service Center's own benchmark. */
const INSTANCE = {
  hostName: 'tian',
  endpoints: ['ex of', 'labore'],
  properties: {},
  dataCenterInfo: { name: 'beijing', region: 'beijing', availableZone: 'az1' },
}

/** Registers an instance; without an id each call makes a new one. */
export function registration(serviceId: string, instanceId?: string): RequestSpec {
  const instance = instanceId === undefined ? INSTANCE : { instanceId, ...INSTANCE }
  return {
    method: 'POST',
    path: `${REGISTRY}/microservices/${serviceId}/instances`,
    body: JSON.stringify({ instance }),
  }
}

/** The few calls that scenes need to bring a registry into a state. */
export class RegistryCalls {
  readonly #port: number

  constructor(port: number) {
    this.#port = port
  }

  /** @throws Error when the answer is not the expected one */
  async send(request: RequestSpec, expectedStatus = 200): Promise<Captured> {
    const answer = await capture(this.#port, request)
    if (answer.status !== expectedStatus) {
      const text = Buffer.from(answer.bodyBase64, 'base64').toString()
      throw new Error(`${request.method} ${request.path}: ${answer.status} ${text}`)
    }
    return answer
  }

  async createService(serviceId: string, appId = 'default'): Promise<void> {
    const body = JSON.stringify({ service: { serviceName: serviceId, serviceId, appId } })
    await this.send({ method: 'POST', path: `${REGISTRY}/microservices`, body })
  }

  /** Creates `service-0` and so on in the application shop and the environment testing, each with an instance. */
  async createServices(count: number): Promise<void> {
    const create = async (index: number): Promise<void> => {
      const service = { serviceName: `service-${index}`, appId: 'shop', environment: 'testing' }
      const body = JSON.stringify({ service, instances: [INSTANCE] })
      await this.send({ method: 'POST', path: `${REGISTRY}/microservices`, body })
    }
    for (let begin = 0; begin < count; begin += CALLS_AT_ONCE) {
      const many = Math.min(CALLS_AT_ONCE, count - begin)
      await Promise.all(Array.from({ length: many }, (_, index) => create(begin + index)))
    }
  }

  async removeService(serviceId: string): Promise<void> {
    await this.send({ method: 'DELETE', path: `${REGISTRY}/microservices/${serviceId}?force=1` })
  }

  async register(serviceId: string, instanceIds: readonly string[]): Promise<void> {
    for (const instanceId of instanceIds) await this.send(registration(serviceId, instanceId))
  }

  /** Finds as a consumer, which makes it depend on the provider. */
  async depend(consumerId: string, serviceName: string): Promise<void> {
    const path = `${REGISTRY}/instances?appId=default&serviceName=${serviceName}`
    await this.send({ method: 'GET', path, headers: { 'X-ConsumerId': consumerId } })
  }
}
