import type { Microservice } from '@rollcall/protocol/documents'
import { INSTANCE, MICROSERVICE } from '@rollcall/protocol/documents'
import { encodeMap, encodeObject } from '@rollcall/protocol/encode'
import type { Contracts } from '../contracts/index.ts'
import type { Dependencies } from '../dependency/index.ts'
import type { KnownService, RegistryView } from '../registry/index.ts'
import { namePath } from '../registry/index.ts'

/** The modules that governance reads. */
export interface Sources {
  readonly registry: RegistryView
  readonly contracts: Pick<Contracts, 'list'>
  readonly dependencies: Relations
}

/** Who uses whom. */
export type Relations = Pick<Dependencies, 'providersOf' | 'consumersOf'>

/** Which parts of a service are shown. */
export interface Parts {
  readonly tags: boolean
  readonly instances: boolean
  readonly schemas: boolean
  readonly dependencies: boolean
  /** Only the number of instances. */
  readonly countOnly: boolean
}

/** Everything about one service as JSON, with its instances' properties and all versions of its name. */
export async function fullDetail(sources: Sources, service: KnownService): Promise<string> {
  const { record, tenant } = service
  const group = sources.registry.byName(tenant, namePath(record, record.serviceName))
  const versions = [...(group?.versions.keys() ?? [])].sort()
  const instances = [...service.instances.values()].map(({ text }) => text).sort()
  return joined([
    member('microService', service.text),
    list('instances', instances),
    await schemaInfos(sources, service),
    ...relations(sources, service, { noSelf: false }),
    tagsOf(service),
    member('microServiceVersions', JSON.stringify(versions)),
  ])
}

/** Services in a list, each as JSON: only the asked parts, without the properties of instances. */
export async function* listedDetails(
  sources: Sources,
  services: readonly KnownService[],
  parts: Parts,
): AsyncIterable<string> {
  for (const service of services) yield await listedDetail(sources, service, parts)
}

async function listedDetail(sources: Sources, service: KnownService, parts: Parts): Promise<string> {
  const { schemas: _, ...record }: Microservice = service.record
  const shown = [member('microService', encodeObject(MICROSERVICE, record))]
  if (parts.instances && !parts.countOnly) shown.push(list('instances', bareInstances(service)))
  if (parts.schemas) shown.push(await schemaInfos(sources, service))
  if (parts.dependencies) shown.push(...relations(sources, service, { noSelf: true }))
  if (parts.tags) shown.push(tagsOf(service))
  if (parts.countOnly) shown.push(member('statics', counted(service, parts)))
  return joined(shown)
}

function bareInstances(service: KnownService): string[] {
  const texts = [...service.instances.values()].map(({ text }) => {
    const { properties: _, ...instance } = JSON.parse(text)
    return encodeObject(INSTANCE, instance)
  })
  return texts.sort()
}

function counted({ instances }: KnownService, parts: Parts): string {
  if (!parts.instances) return '{}'
  return instances.size === 0 ? '{"instances":{}}' : `{"instances":{"count":${instances.size}}}`
}

async function schemaInfos({ contracts }: Sources, { tenant, id }: KnownService): Promise<string> {
  const found = await contracts.list(tenant, id, true)
  return list(
    'schemaInfos',
    found.map((contract) => JSON.stringify({ ...contract, summary: contract.summary || undefined })),
  )
}

function relations(
  { dependencies }: Sources,
  service: KnownService,
  { noSelf }: { readonly noSelf: boolean },
): string[] {
  const texts = (services: readonly KnownService[]) =>
    services.filter((other) => !noSelf || other !== service).map(({ text }) => text)
  return [
    list('providers', texts(dependencies.providersOf(service))),
    list('consumers', texts(dependencies.consumersOf(service))),
  ]
}

function tagsOf({ tags = {} }: KnownService): string {
  return Object.keys(tags).length === 0 ? '' : member('tags', encodeMap(tags))
}

function member(name: string, json: string): string {
  return `"${name}":${json}`
}

/** A member that is left out when it is empty. */
function list(name: string, texts: readonly string[]): string {
  return texts.length === 0 ? '' : member(name, `[${texts.join(',')}]`)
}

function joined(members: readonly string[]): string {
  return `{${members.filter((text) => text !== '').join(',')}}`
}
