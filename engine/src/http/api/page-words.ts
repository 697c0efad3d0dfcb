/** What the page says by itself, in English and Chinese. */
export const PAGE_WORDS = {
  search: ['Search: path, name, error code ( / )', '搜索：路径、名称、错误码（ / ）'],
  colours: ['Light or dark', '浅色/深色'],
  errors: ['Errors', '错误码'],
  about: [
    'A request belongs to a tenant: its project stands in the path, its domain in the header X-Domain-Name. With access control on, send Authorization: Bearer TOKEN. In the examples $ROLLCALL is the address of the engine; the services they speak of are made by the requests of x-scene in openapi.json.',
    '请求属于一个租户：项目在路径中，域在请求头 X-Domain-Name 中。开启访问控制时需发送 Authorization: Bearer 令牌。示例中 $ROLLCALL 为引擎地址；示例所用的微服务由 openapi.json 中 x-scene 的请求创建。',
  ],
  nothing: ['Nothing fits.', '没有匹配的内容。'],
  older: ['older prefix', '旧前缀'],
  parameters: ['Parameters', '参数'],
  body: ['Body', '请求体'],
  examples: ['Examples', '示例'],
  answers: ['Answers', '应答'],
  required: ['required', '必填'],
} as const
