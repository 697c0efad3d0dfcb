const NAMED_SEGMENTS_MAX = 8
/** Digits, UUIDs, hashes, and whatever is too long for a word of a path. */
const ID = /^(?:\d+|[0-9a-f]{8,}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|.{41,})$/i

/** Method and path of a request without its query; what looks like an id is a star, so that names do not multiply. */
export function requestName(method: string, url: string): string {
  const [path = ''] = url.split('?', 1)
  const segments = path.split('/').slice(1)
  const named = segments.slice(0, NAMED_SEGMENTS_MAX).map((segment) => (ID.test(segment) ? '*' : segment))
  const rest = segments.length > NAMED_SEGMENTS_MAX ? ['*'] : []
  return `${method} /${[...named, ...rest].join('/')}`
}
