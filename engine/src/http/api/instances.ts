import type { Group } from './description.ts'
import { DONE } from './description.ts'
import { required } from './parameters.ts'
import { CART_INSTANCE } from './scene.ts'
import { listOf, oneOf, record, text } from './schema.ts'

const BASE = '/v4/:project/registry'
const ALL = `${BASE}/microservices/:serviceId/instances`
const ONE = `${ALL}/:instanceId`
const STATES = oneOf('UP', 'DOWN', 'STARTING', 'TESTING', 'OUTOFSERVICE')

const NOBODY = { name: 'unknown instance', params: { instanceId: 'nobody' }, refused: 'InstanceNotFound' } as const

export const INSTANCES: Group = {
  name: 'instances',
  title: ['Instances', '实例'],
  rows: {
    [`POST ${ALL}`]: {
      id: 'registerInstance',
      summary: ['Registers an instance, or says once more that it is there', '注册实例，或重复注册已有实例'],
      answers: { 200: record({ instanceId: text }) },
      refusals: ['ServiceNotFound', 'QuotaExceeded', 'QuotaUnavailable'],
      examples: [
        { name: 'smallest', body: { instance: { hostName: 'host-b', endpoints: ['rest://10.0.0.2:8080'] } } },
        { name: 'the same again', body: { instance: CART_INSTANCE } },
        { name: 'no host name', body: { instance: { endpoints: [] } }, refused: 'InvalidParameters' },
        {
          name: 'unknown service',
          params: { serviceId: 'nobody' },
          body: { instance: { hostName: 'host-b' } },
          refused: 'ServiceNotFound',
        },
      ],
    },
    [`DELETE ${ONE}`]: {
      id: 'unregisterInstance',
      summary: ['Removes an instance', '注销实例'],
      answers: DONE,
      refusals: ['InstanceNotFound'],
      examples: [{ name: 'by id' }, NOBODY],
    },
    [`PUT ${ONE}/properties`]: {
      id: 'setInstanceProperties',
      summary: ['Replaces the properties of an instance', '替换实例的属性'],
      answers: DONE,
      refusals: ['InstanceNotFound'],
      examples: [{ name: 'one property', body: { properties: { rack: '8' } } }],
    },
    [`PUT ${ONE}/status`]: {
      id: 'setInstanceStatus',
      summary: ['Changes the state of an instance', '修改实例状态'],
      query: { value: required(['The new state', '新状态'], STATES) },
      answers: DONE,
      refusals: ['InstanceNotFound'],
      examples: [
        { name: 'out of service', query: { value: 'OUTOFSERVICE' } },
        { name: 'no state', query: { value: 'SLEEPY' }, refused: 'InvalidParameters' },
      ],
    },
    [`PUT ${ONE}/drain`]: {
      id: 'drainInstance',
      summary: ['Hides an instance from finds now and removes it later', '立即从发现结果中隐藏实例，并在稍后移除'],
      query: {
        seconds: required(['How long it stays for calls under way', '为进行中的调用保留的秒数'], {
          ...text,
          pattern: '^[0-9]{1,9}$',
        }),
      },
      answers: DONE,
      refusals: ['InstanceNotFound'],
      examples: [
        { name: 'half a minute', query: { seconds: '30' } },
        { name: 'no number', query: { seconds: 'soon' }, refused: 'InvalidParameters' },
      ],
    },
    [`DELETE ${ONE}/drain`]: {
      id: 'cancelDrain',
      summary: ['Shows a drained instance again', '取消下线，重新显示实例'],
      answers: DONE,
      refusals: ['InstanceNotFound'],
      examples: [{ name: 'by id' }, NOBODY],
    },
    [`PUT ${ONE}/heartbeat`]: {
      id: 'heartbeat',
      summary: ['Says that an instance is alive', '上报心跳'],
      answers: DONE,
      refusals: ['InstanceNotFound'],
      examples: [{ name: 'by id' }, NOBODY],
    },
    [`PUT ${BASE}/heartbeats`]: {
      id: 'heartbeats',
      summary: ['Says that many instances are alive', '批量上报心跳'],
      answers: {
        200: record({
          instances: listOf(record({ 'serviceId?': text, 'instanceId?': text, 'errMessage?': text })),
        }),
      },
      examples: [
        {
          name: 'one is gone',
          body: {
            instances: [
              { serviceId: 'cart-1', instanceId: 'cart-1-a' },
              { serviceId: 'cart-1', instanceId: 'nobody' },
            ],
          },
        },
        { name: 'none', body: { instances: [] }, refused: 'InvalidParameters' },
      ],
    },
    [`PUT ${BASE}/instances/status`]: {
      id: 'setStatusOfMany',
      summary: ['Changes the state of all instances with certain properties', '修改具有指定属性的全部实例的状态'],
      answers: DONE,
      examples: [
        { name: 'one rack', body: { matches: { properties: { rack: '7' } }, status: 'OUTOFSERVICE' } },
        { name: 'no state', body: { status: 'SLEEPY' }, refused: 'InvalidParameters' },
      ],
    },
  },
}
