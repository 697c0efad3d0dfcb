import { describe, expect, test } from 'vitest'
import { checkObject } from './check.ts'
import * as requests from './requests.ts'
import type { ObjectShape } from './shape.ts'

type ShapeName = {
  [Name in keyof typeof requests]: (typeof requests)[Name] extends ObjectShape ? Name : never
}[keyof typeof requests]

const SHAPES: Readonly<Record<ShapeName, ObjectShape>> = requests

function refusedBy(name: ShapeName, value: object): string | undefined {
  return checkObject(SHAPES[name], value as Record<string, unknown>)
}

const CONSUMER = { appId: 'a', serviceName: 'c', version: '1.0.0' }
const PROVIDER = { serviceName: 'p' }
const long = (length: number) => 'a'.repeat(length)

describe('what is taken', () => {
  test.each([
    ['REGISTER_INSTANCE', { instance: { hostName: 'h' } }],
    ['REMOVE_SERVICES', { serviceIds: ['a', 'b'] }],
    ['FIND_INSTANCES', { appId: 'a', serviceName: 'app:name', environment: '' }],
    ['FIND_INSTANCES', { appId: 'a', serviceName: long(289), tags: ['x'] }],
    ['FIND_BATCH', {}],
    ['FIND_BATCH', { services: [{ service: { appId: 'a', serviceName: 'p', version: 'anything' }, rev: 'x' }] }],
    ['EXISTENCE', { appId: 'a', serviceName: 'p', version: '1.0.0' }],
    ['ADD_DEPENDENCIES', { dependencies: [{ consumer: CONSUMER, providers: [{ ...PROVIDER, version: '1.0.0+' }] }] }],
    ['REPLACE_DEPENDENCIES', { dependencies: [{ consumer: CONSUMER }] }],
    ['TAGS', { tags: {} }],
    ['BULK_STATUS', { status: 'DOWN' }],
    ['INSTANCE_STATUS', { serviceId: 's', instanceId: 'i', status: 'UP' }],
    ['GET_SCHEMA', { serviceId: 's', schemaId: long(160) }],
  ] satisfies [ShapeName, object][])('%s %j', (name, value) => {
    expect(refusedBy(name, value)).toBeUndefined()
  })
})

describe('what is refused', () => {
  test.each([
    [
      'REGISTER_INSTANCE',
      {},
      "field 'RegisterInstanceRequest.Instance' invalid value '<nil>' does not match rule: {Min: 1}",
    ],
    ['REMOVE_SERVICES', { serviceIds: [] }, "field 'DelServicesRequest.ServiceIds' invalid value '[]'"],
    ['REMOVE_SERVICES', { serviceIds: ['a b'] }, "field 'DelServicesRequest.ServiceIds' invalid value 'a b'"],
    ['FIND_INSTANCES', { serviceName: 'p' }, "field 'FindInstancesRequest.AppId' invalid value ''"],
    ['FIND_INSTANCES', { appId: 'a' }, "field 'FindInstancesRequest.ServiceName' invalid value ''"],
    ['FIND_INSTANCES', { appId: 'a', serviceName: long(290) }, "field 'FindInstancesRequest.ServiceName'"],
    [
      'FIND_INSTANCES',
      { appId: 'a', serviceName: 'p', tags: [''] },
      "field 'FindInstancesRequest.Tags' invalid value ''",
    ],
    ['FIND_INSTANCES', { appId: 'a', serviceName: 'p', environment: 'x' }, "field 'FindInstancesRequest.Environment'"],
    ['FIND_INSTANCES', { consumerServiceId: long(65) }, "field 'FindInstancesRequest.ConsumerServiceId'"],
    ['FIND_BATCH', { services: [{}] }, "field 'FindService.Service' invalid value '<nil>'"],
    ['FIND_BATCH', { services: [{ service: { appId: 'a' } }] }, "field 'MicroServiceKey.ServiceName'"],
    ['FIND_BATCH', { instances: [{}] }, "field 'FindInstance.Instance' invalid value '<nil>'"],
    ['FIND_BATCH', { instances: [{ instance: { serviceId: 's' } }] }, "field 'HeartbeatSetElement.InstanceId'"],
    ['FIND_BATCH', { services: [null] }, 'invalid nil pointer'],
    ['EXISTENCE', { appId: 'a', serviceName: 'p', version: 'latest' }, "field 'GetExistenceRequest.Version'"],
    ['EXISTENCE', { appId: 'a', serviceName: 'p', version: '1.0.0+' }, "field 'GetExistenceRequest.Version'"],
    ['ADD_DEPENDENCIES', { dependencies: [] }, "field 'AddDependenciesRequest.Dependencies' invalid value '[]'"],
    [
      'ADD_DEPENDENCIES',
      { dependencies: [{ consumer: CONSUMER, providers: [] }] },
      "field 'ConsumerDependency.Providers'",
    ],
    [
      'ADD_DEPENDENCIES',
      { dependencies: [{ providers: [PROVIDER] }] },
      "field 'ConsumerDependency.Consumer' invalid value '<nil>'",
    ],
    [
      'ADD_DEPENDENCIES',
      { dependencies: [{ consumer: CONSUMER, providers: [{}] }] },
      "field 'MicroServiceKey.ServiceName'",
    ],
    [
      'ADD_DEPENDENCIES',
      { dependencies: [{ consumer: CONSUMER, providers: [{ ...PROVIDER, version: '1.x' }] }] },
      "field 'MicroServiceKey.Version'",
    ],
    [
      'REPLACE_DEPENDENCIES',
      { dependencies: [{ consumer: { ...CONSUMER, version: '1+' } }] },
      "field 'MicroServiceKey.Version'",
    ],
    [
      'REPLACE_DEPENDENCIES',
      { dependencies: Array.from({ length: 101 }, () => ({ consumer: CONSUMER })) },
      "field 'CreateDependenciesRequest.Dependencies'",
    ],
    ['TAGS', { tags: { '9': 'a' } }, "field 'AddServiceTagsRequest.Tags' invalid value '9'"],
    ['TAGS', { tags: { a: '' } }, "field 'AddServiceTagsRequest.Tags' invalid value ''"],
    ['BULK_STATUS', { status: 'GONE' }, "field 'UpdateManyInstanceStatusRequest.Status'"],
    ['INSTANCE_STATUS', { serviceId: 's', instanceId: 'i', status: '' }, "field 'UpdateInstanceStatusRequest.Status'"],
    ['BEAT', { serviceId: '', instanceId: 'i' }, "field 'HeartbeatRequest.ServiceId'"],
    ['BEAT', { serviceId: 's', instanceId: long(65) }, "field 'HeartbeatRequest.InstanceId'"],
    ['UNREGISTER_INSTANCE', { serviceId: 's', instanceId: 'a:b' }, "field 'UnregisterInstanceRequest.InstanceId'"],
    ['INSTANCE_PROPERTIES', { serviceId: long(65), instanceId: 'i' }, "field 'UpdateInstancePropsRequest.ServiceId'"],
    ['GET_SERVICE', { serviceId: '' }, "field 'GetServiceRequest.ServiceId'"],
    ['REMOVE_SERVICE', { serviceId: long(65) }, "field 'DeleteServiceRequest.ServiceId'"],
    ['SERVICE_PROPERTIES', { serviceId: '' }, "field 'UpdateServicePropsRequest.ServiceId'"],
    ['LIST_INSTANCES', { providerServiceId: '' }, "field 'GetInstancesRequest.ProviderServiceId'"],
    [
      'GET_INSTANCE',
      { providerServiceId: 's', providerInstanceId: '' },
      "field 'GetOneInstanceRequest.ProviderInstanceId'",
    ],
    ['GET_DEPENDENCIES', { serviceId: '' }, "field 'GetDependenciesRequest.ServiceId'"],
    ['REGISTER_TARGET', { serviceId: '' }, "field 'MicroServiceInstance.ServiceId'"],
  ] satisfies [ShapeName, object, string][])('%s %j', (name, value, words) => {
    expect(refusedBy(name, value)).toContain(words)
  })
})
