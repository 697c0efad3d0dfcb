import { encodeMap } from '@rollcall/protocol/encode'
import type { TagsBody } from '@rollcall/protocol/requests'
import { CHANGE_TAG, GET_TAGS, REMOVE_TAGS, SET_TAGS, TAGS, tagsRequest } from '@rollcall/protocol/requests'
import type { Tags } from '../../domain/registry/index.ts'
import { EMPTY, jsonText } from '../answers.ts'
import { ofTags } from '../audited.ts'
import type { Answer, Call, Route } from '../call.ts'
import { check, checkedBody, checkedIds } from '../checked.ts'
import { may } from '../permission.ts'
import { ofService } from '../scopes.ts'

const ALL = '/v4/:project/registry/microservices/:serviceId/tags'

/** Tags of services. */
export function tagRoutes(tags: Tags): Route[] {
  const at = { family: 'v4' } as const
  return [
    {
      ...at,
      method: 'POST',
      path: ALL,
      permission: may('create', 'service', ofService),
      audit: ofTags('tag.set'),
      body: { shape: TAGS },
      handle: (call) => set(tags, call),
    },
    {
      ...at,
      method: 'GET',
      path: ALL,
      permission: may('get', 'service', ofService),
      handle: (call) => get(tags, call),
    },
    {
      ...at,
      method: 'PUT',
      path: `${ALL}/:key`,
      permission: may('update', 'service', ofService),
      audit: ofTags('tag.update'),
      handle: (call) => change(tags, call),
    },
    {
      ...at,
      method: 'DELETE',
      path: `${ALL}/:key`,
      permission: may('delete', 'service', ofService),
      audit: ofTags('tag.delete'),
      handle: (call) => remove(tags, call),
    },
  ]
}

async function set(tags: Tags, call: Call): Promise<Answer> {
  const { serviceId } = checkedIds(call, SET_TAGS)
  const body = checkedBody<TagsBody>(call, tagsRequest(await tags.countMax(call.tenant)))
  await tags.set(call.tenant, serviceId, body.tags ?? {})
  return EMPTY
}

function get(tags: Tags, call: Call): Answer {
  const { serviceId } = checkedIds(call, GET_TAGS)
  const found = tags.get(call.tenant, serviceId)
  return jsonText(Object.keys(found).length === 0 ? '{}' : `{"tags":${encodeMap(found)}}`)
}

async function change(tags: Tags, { tenant, params, query }: Call): Promise<Answer> {
  const { serviceId = '', key = '' } = params
  const value = query.get('value')
  check(CHANGE_TAG, { serviceId, key, value })
  await tags.change(tenant, serviceId, [key, value])
  return EMPTY
}

/** `:key` may be a comma list. */
async function remove(tags: Tags, { tenant, params }: Call): Promise<Answer> {
  const { serviceId = '', key = '' } = params
  const keys = key.split(',')
  check(REMOVE_TAGS, { serviceId, keys })
  await tags.remove(tenant, serviceId, keys)
  return EMPTY
}
