import type { Instance, Microservice } from '@rollcall/protocol/documents'
import { INSTANCE, MICROSERVICE } from '@rollcall/protocol/documents'
import { encodeObject } from '@rollcall/protocol/encode'
import { beforeEach, describe, expect, test } from 'vitest'
import { ANSWERS_PER_NAME_MAX } from '../../kernel/limits.ts'
import { ManualClock } from '../../kernel/manual-clock.ts'
import { keys } from './keys.ts'
import { namePath } from './name-group.ts'
import type { InstanceEvent, InstanceList } from './types.ts'
import { RegistryView } from './view.ts'

const TENANT = 'default/default'

let clock: ManualClock
let view: RegistryView
let revision: number

beforeEach(() => {
  clock = new ManualClock()
  view = new RegistryView(clock)
  revision = 0
})

/** Feeds a service into the view, as the store would. */
function putService(id: string, service: Microservice = {}, tenant = TENANT): void {
  const record = { serviceId: id, appId: 'default', serviceName: 'p', version: '1.0', ...service }
  view.apply({ key: keys.service(tenant, id), value: encodeObject(MICROSERVICE, record), revision: ++revision })
}

function putInstance(service: string, id: string, { lease, ...instance }: Instance & { lease?: string } = {}): void {
  const value = encodeObject(INSTANCE, { instanceId: id, serviceId: service, hostName: 'h', ...instance })
  const entry = { key: keys.instance(TENANT, service, id), value, revision: ++revision }
  view.apply(lease === undefined ? entry : { ...entry, lease })
}

function putTags(id: string, tags: Record<string, string>): void {
  view.apply({ key: keys.tags(TENANT, id), value: JSON.stringify(tags), revision: ++revision })
}

function drop(key: string): void {
  revision++
  view.apply({ key })
}

function all(name = 'p'): InstanceList {
  return view.listAll(view.byName(TENANT, `/default/${name}`)!)
}

const ids = (list: InstanceList) => (JSON.parse(list.text) as Instance[]).map(({ instanceId }) => instanceId)

describe('services', () => {
  test('are found by id, by name and by alias, in their tenant only', () => {
    putService('s', { alias: 'x', environment: 'testing' })
    expect(view.service(TENANT, 's')?.record.serviceName).toBe('p')
    expect([...(view.byName(TENANT, 'testing/default/p')?.versions.keys() ?? [])]).toEqual(['1.0'])
    expect(view.byAlias(TENANT, 'testing/default/x')?.versions.get('1.0')?.id).toBe('s')
    expect(view.byName(TENANT, '/default/p')).toBeUndefined()
    expect(view.service('default/other', 's')).toBeUndefined()
    expect(view.byName('default/other', 'testing/default/p')).toBeUndefined()
  })

  test('go from every index, and with the last one goes the tenant', () => {
    putService('s', { alias: 'x' })
    expect(view.hasTenant(TENANT)).toBe(true)
    drop(keys.service(TENANT, 's'))
    expect(view.service(TENANT, 's')).toBeUndefined()
    expect(view.byName(TENANT, '/default/p')).toBeUndefined()
    expect(view.byAlias(TENANT, '/default/x')).toBeUndefined()
    expect(view.hasTenant(TENANT)).toBe(false)
  })

  test('a domain may hold slashes', () => {
    putService('s', {}, 'a/b/c/project')
    expect(view.service('a/b/c/project', 's')?.tenant).toBe('a/b/c/project')
  })

  test('a new document of the same service replaces the old one in the indexes', () => {
    putService('s', { alias: 'x' })
    putService('s', { serviceName: 'q', alias: 'y' })
    expect(view.byName(TENANT, '/default/p')).toBeUndefined()
    expect(view.byAlias(TENANT, '/default/x')).toBeUndefined()
    expect(view.byName(TENANT, '/default/q')?.versions.get('1.0')?.id).toBe('s')
    expect([...view.services(TENANT)]).toHaveLength(1)
  })

  test("are counted with their instances, without the engine's own", () => {
    putInstance('s', 'early')
    putService('s')
    putService('own', { serviceName: 'SERVICECENTER', environment: 'development' })
    putInstance('s', 'late')
    putInstance('own', 'i')
    expect([view.serviceCount(TENANT), view.instanceCount(TENANT)]).toEqual([1, 2])
    drop(keys.instance(TENANT, 's', 'early'))
    expect([view.serviceCount(TENANT), view.instanceCount(TENANT)]).toEqual([1, 1])
    drop(keys.instance(TENANT, 's', 'late'))
    drop(keys.service(TENANT, 's'))
    expect([view.serviceCount(TENANT), view.instanceCount(TENANT)]).toEqual([0, 0])
  })
})

describe('parts that come before their service', () => {
  test('instances and tags wait for it and are all there with it', () => {
    putInstance('s', 'i')
    putTags('s', { blue: 'x' })
    expect(view.service(TENANT, 's')).toBeUndefined()
    expect([...view.services(TENANT)]).toEqual([])
    putService('s')
    expect(ids(all())).toEqual(['i'])
    expect(view.service(TENANT, 's')?.tags).toEqual({ blue: 'x' })
  })

  test('nothing is left of parts that go without their service ever having come', () => {
    putInstance('s', 'i', { lease: '1' })
    putTags('s', { a: 'b' })
    drop(keys.tags(TENANT, 's'))
    drop(keys.instance(TENANT, 's', 'i'))
    expect(view.hasTenant(TENANT)).toBe(false)
    expect(view.instanceOfLease('1')).toBeUndefined()
  })

  test('deletions of what was never there change nothing', () => {
    drop(keys.tags(TENANT, 's'))
    drop(keys.instance(TENANT, 's', 'i'))
    drop(keys.service(TENANT, 's'))
    expect(view.hasTenant(TENANT)).toBe(false)
  })
})

describe('instances', () => {
  test('are found by id and by lease, and a lease that changed hands is let go', () => {
    putService('s')
    putInstance('s', 'i', { lease: '1' })
    expect(view.instanceOfLease('1')?.id).toBe('i')
    putInstance('s', 'i', { lease: '2' })
    expect(view.instanceOfLease('1')).toBeUndefined()
    expect(view.instanceOfLease('2')).toBe(view.instance(TENANT, 's', 'i'))
    drop(keys.instance(TENANT, 's', 'i'))
    expect(view.instanceOfLease('2')).toBeUndefined()
    expect(view.instance(TENANT, 's', 'i')).toBeUndefined()
  })

  test('the last sign of life stays through changes; a new instance has just given one', () => {
    putService('s')
    putInstance('s', 'i')
    clock.advance(5000)
    putInstance('s', 'i', { status: 'DOWN' })
    expect(view.instance(TENANT, 's', 'i')?.beatAt).toBe(0)
    drop(keys.instance(TENANT, 's', 'i'))
    putInstance('s', 'i')
    expect(view.instance(TENANT, 's', 'i')?.beatAt).toBe(5000)
  })

  test('listeners hear what happened in order, when it is visible, with the last known state at the end', () => {
    const heard: [InstanceEvent['action'], string, boolean][] = []
    view.onInstance(({ action, service, instance }) => {
      const visible = view.instance(TENANT, service.id, instance.id) !== undefined
      heard.push([action, (JSON.parse(instance.text) as Instance).status ?? '', visible])
    })
    putService('s')
    putInstance('s', 'i', { status: 'UP' })
    putInstance('s', 'i', { status: 'DOWN' })
    drop(keys.instance(TENANT, 's', 'i'))
    drop(keys.instance(TENANT, 's', 'i'))
    expect(heard).toEqual([
      ['CREATE', 'UP', true],
      ['UPDATE', 'DOWN', true],
      ['DELETE', 'DOWN', false],
    ])
  })

  test('nobody hears of instances whose service is not known', () => {
    let heard = 0
    view.onInstance(() => heard++)
    putInstance('s', 'i')
    expect(heard).toBe(0)
  })
})

describe('answers', () => {
  beforeEach(() => {
    putService('s1', { version: '1.0' })
    putService('s2', { version: '2.0' })
    putInstance('s2', 'b')
    putInstance('s1', 'c')
    putInstance('s1', 'a')
  })

  test('list all versions, by instance id, as text and as bytes', () => {
    const list = all()
    expect(ids(list)).toEqual(['a', 'b', 'c'])
    expect(list.count).toBe(3)
    expect(list.bytes.toString()).toBe(`{"instances":${list.text}}`)
  })

  test('equal instance ids of two versions are ordered by service', () => {
    putInstance('s2', 'a')
    const list = JSON.parse(all().text) as Instance[]
    expect(list.map(({ instanceId, serviceId }) => `${instanceId} ${serviceId}`)).toEqual([
      'a s1',
      'a s2',
      'b s2',
      'c s1',
    ])
  })

  test('are the same object until something in the group changes', () => {
    const before = all()
    expect(all()).toBe(before)
    putService('other', { serviceName: 'q' })
    putInstance('other', 'x')
    expect(all()).toBe(before)
    putInstance('s1', 'd')
    expect(ids(all())).toEqual(['a', 'b', 'c', 'd'])
  })

  test.each([
    ['an instance comes', () => putInstance('s1', 'd')],
    ['an instance changes', () => putInstance('s1', 'a', { status: 'DOWN' })],
    ['an instance goes', () => drop(keys.instance(TENANT, 's1', 'a'))],
    [
      'an instance goes and comes back the same',
      () => {
        drop(keys.instance(TENANT, 's1', 'a'))
        putInstance('s1', 'a')
      },
    ],
    ['a version with instances goes', () => drop(keys.service(TENANT, 's2'))],
  ])('%s: the revision is another', (_, change) => {
    const before = all().revision
    change()
    expect(all().revision).not.toBe(before)
  })

  test.each([
    ['a version without instances comes', () => putService('s3', { version: '3.0' })],
    ['properties of a service change', () => putService('s1', { version: '1.0', properties: { a: 'b' } })],
    ['tags change', () => putTags('s1', { a: 'b' })],
    ['another service changes', () => putService('q', { serviceName: 'q' })],
  ])('%s: the revision stays', (_, change) => {
    const before = all()
    change()
    expect(all().revision).toBe(before.revision)
    expect(all().text).toBe(before.text)
  })

  test('of some versions are kept apart from the answer of all', () => {
    const group = view.byName(TENANT, '/default/p')!
    const [one, two] = [view.service(TENANT, 's1')!, view.service(TENANT, 's2')!]
    const ofOne = view.list(group, [one])
    expect(ids(ofOne)).toEqual(['a', 'c'])
    expect(ids(view.list(group, [two]))).toEqual(['b'])
    expect(view.list(group, [one, two])).toBe(view.listAll(group))
    expect(view.list(group, [])).toMatchObject({ text: '[]', count: 0 })
    putInstance('s1', 'd')
    expect(ids(view.list(group, [one]))).toEqual(['a', 'c', 'd'])
    expect(ofOne.revision).not.toBe(view.list(group, [one]).revision)
  })

  test('by alias are dropped by the same changes', () => {
    putService('s3', { version: '3.0', alias: 'x' })
    const listed = () => ids(view.listAll(view.byAlias(TENANT, '/default/x')!))
    expect(listed()).toEqual([])
    putInstance('s3', 'z')
    expect(listed()).toEqual(['z'])
  })

  test('do not pile up, however many questions are asked', () => {
    for (let n = 0; n < ANSWERS_PER_NAME_MAX + 10; n++) putService(`v${n}`, { version: `9.${n}` })
    const group = view.byName(TENANT, '/default/p')!
    for (const service of group.versions.values()) {
      view.list(group, [service])
      expect(group.answers.size).toBeLessThanOrEqual(ANSWERS_PER_NAME_MAX)
    }
  })
})

test('a path names environment, application and name, empty ones too', () => {
  expect(namePath({ environment: 'testing', appId: 'a' }, 'n')).toBe('testing/a/n')
  expect(namePath({ appId: 'a' }, undefined)).toBe('/a/')
})
