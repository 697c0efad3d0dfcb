import type { ErrorGuide } from './words.ts'

/** What the registry's refusals mean. */
export const REGISTRY_GUIDE = {
  InvalidParameters: {
    meaning: ['A part of the request is missing or breaks a rule.', '请求的某个部分缺失或不符合规则。'],
    causes: [
      ['a body that is not JSON, or a member of another type', '请求体不是 JSON，或成员类型不符'],
      ['a name, id, version or environment outside its pattern', '名称、ID、版本或环境不符合格式'],
      ['a bad target: double slash, unsound percent-escape, too long', '请求路径有误：双斜杠、错误的百分号转义或过长'],
    ],
    remedy: [
      'Read `detail`: it names the field and the rule. Correct it and send again.',
      '查看 `detail`：其中写明字段与规则。改正后重试。',
    ],
  },
  EnvironmentInUse: {
    meaning: ['Services run in this environment, so it stays.', '该环境中仍有微服务，不能删除。'],
    causes: [['services of this environment are still registered', '该环境中仍有已注册的微服务']],
    remedy: ['Delete its services first.', '请先删除其中的微服务。'],
  },
  EnvironmentAlreadyExists: {
    meaning: ['Another environment has this id or this name.', '该 ID 或名称已属于另一个环境。'],
    causes: [
      ['it was created before', '此前已创建'],
      ['it is one of those that every tenant has', '它是每个租户固有的环境之一'],
    ],
    remedy: ['Use the one there is, or choose another name.', '使用已有环境，或换一个名称。'],
  },
  EnvironmentNotFound: {
    meaning: ['There is no such environment in this tenant.', '该租户中没有此环境。'],
    causes: [['it was deleted, or its id is misspelt', '环境已被删除，或 ID 有误']],
    remedy: ['List the environments and take an id from there.', '列出环境并使用其中的 ID。'],
  },
  TooManyRequests: {
    meaning: [
      'The engine serves no more requests of this kind for a moment; it did nothing.',
      '引擎暂不受理更多此类请求；本次请求未执行任何操作。',
    ],
    causes: [
      ['one address sends more than limits.requestsPerSecond', '同一地址的请求超过 limits.requestsPerSecond'],
      ['the engine is overloaded; heartbeats go on', '引擎过载；心跳不受影响'],
    ],
    remedy: ['Wait as long as `Retry-After` says and send again.', '按 `Retry-After` 等待后重试。'],
  },
  ServiceAlreadyExists: {
    meaning: ['Another service has this id, or this name and version.', '该 ID，或该名称加版本，已属于另一个微服务。'],
    causes: [
      [
        'two applications use the same application, name, version and environment',
        '两个应用使用了相同的应用、名称、版本和环境',
      ],
      [
        'a serviceId of its own was given for a service that is registered already',
        '为已注册的微服务另外指定了 serviceId',
      ],
    ],
    remedy: [
      'Ask for the id with GET existence and use it, or choose another version.',
      '用 GET existence 查询并使用已有 ID，或换一个版本。',
    ],
  },
  ServiceNotFound: {
    meaning: ['There is no such service in this tenant.', '该租户中没有此微服务。'],
    causes: [
      ['it was deleted, or never registered', '微服务已被删除或从未注册'],
      ['another domain, project, environment or application than the one it is in', '域、项目、环境或应用与注册时不同'],
      ['the consumer in X-ConsumerId is gone', 'X-ConsumerId 指定的消费者已不存在'],
    ],
    remedy: [
      'Compare with `rollcall services list`; register the service, then try again.',
      '用 `rollcall services list` 核对；注册微服务后重试。',
    ],
  },
  InstancesDeployed: {
    meaning: ['The service still has instances.', '微服务仍有实例。'],
    causes: [['its processes are running', '其进程仍在运行']],
    remedy: ['Stop them first, or delete with force=1.', '先停止实例，或使用 force=1 删除。'],
  },
  SchemaUndefined: {
    meaning: ['The service does not list a contract with this id.', '微服务未声明此契约 ID。'],
    causes: [
      [
        'in environment production, an id that is not in `schemas` of the service',
        'production 环境中，契约 ID 不在微服务的 `schemas` 里',
      ],
    ],
    remedy: [
      'Register a new version that lists the id, or set `contracts.editable`.',
      '注册声明了该 ID 的新版本，或设置 `contracts.editable`。',
    ],
  },
  SchemaReadOnly: {
    meaning: ['The stored contract has another content and may not change.', '已存契约内容不同，且不允许修改。'],
    causes: [
      [
        'in environment production, an interface changed without a new version',
        'production 环境中接口有变化但版本未变',
      ],
    ],
    remedy: [
      'Register the interface under a new version, or set `contracts.editable`.',
      '用新版本注册接口，或设置 `contracts.editable`。',
    ],
  },
  SchemaNotFound: {
    meaning: ['There is no such contract, or no content of it.', '没有此契约，或没有其内容。'],
    causes: [
      ['the id is misspelt', 'ID 拼写有误'],
      ['it is listed by the service but was never uploaded', '微服务声明了它但从未上传'],
    ],
    remedy: ['See GET schemas of the service for what there is.', '用 GET schemas 查看已有契约。'],
  },
  InstanceNotFound: {
    meaning: ['There is no such instance.', '没有此实例。'],
    causes: [
      ['its heartbeats stayed away for longer than interval × (times + 1)', '心跳中断超过 interval ×（times + 1）'],
      ['it was removed, drained, or belongs to another service', '实例已注销、已下线，或属于另一个微服务'],
    ],
    remedy: [
      'A client registers the instance again; the SDKs do so by themselves.',
      '客户端应重新注册实例；SDK 会自动完成。',
    ],
  },
  TagNotFound: {
    meaning: ['The service has no tag with this key.', '微服务没有此标签。'],
    causes: [['the key is misspelt or was removed', '键拼写有误或已被删除']],
    remedy: ['Add the tag with POST tags first.', '先用 POST tags 添加标签。'],
  },
  ConsumersDepend: {
    meaning: ['Other services use this one.', '有其他微服务依赖它。'],
    causes: [['consumers declared it, or find it', '消费者声明过或发现过它']],
    remedy: [
      'See GET consumers; delete with force=1 if that is meant.',
      '用 GET consumers 查看；确认后用 force=1 删除。',
    ],
  },
  ServiceVersionNotFound: {
    meaning: ['The service is there, but no version that fits.', '微服务存在，但没有符合的版本。'],
    causes: [['a version or version rule that no registered version meets', '没有注册版本符合该版本或版本规则']],
    remedy: ['Ask for `latest` or `0+`, or register the version.', '使用 `latest` 或 `0+`，或注册该版本。'],
  },
  QuotaExceeded: {
    meaning: ['The tenant has as much as it may have.', '租户已达到配额上限。'],
    causes: [
      ['more services, instances, contracts or tags than allowed', '微服务、实例、契约或标签超过配额'],
      ['old versions that nobody uses', '积累了无人使用的旧版本'],
      ['all streams of metrics are taken', '监控数据流已用完'],
    ],
    remedy: [
      'Remove what is not used (POST admin/retire shows old versions), or raise the quota with PUT admin/quotas.',
      '清理无用内容（POST admin/retire 可列出旧版本），或用 PUT admin/quotas 提高配额。',
    ],
  },
  Forbidden: {
    meaning: ['This may not be done here, whoever asks.', '此处不允许该操作，与调用者无关。'],
    causes: [
      ['changing contracts is switched off by a setting', '设置禁止修改契约'],
      ['only the tenant default/default may see dump and diagnosis', '只有租户 default/default 可查看 dump 与自检'],
      [
        'only an administrator of default/default may take a backup, of a store on a disk',
        '只有 default/default 的管理员可备份磁盘上的存储',
      ],
      ['the quota service keeps the limits, not the engine', '配额由配额服务管理，而非引擎'],
      ['only the preset environments are allowed, and they stay as they are', '只允许预设环境，且预设环境不可修改'],
      ['only an administrator changes the password of somebody else', '只有管理员可以修改他人密码'],
    ],
    remedy: ['Read `detail`; change the setting or ask somebody who may.', '查看 `detail`；修改设置或联系有权限的人。'],
  },
  Internal: {
    meaning: ['A defect of the engine.', '引擎内部缺陷。'],
    causes: [
      ['something that nobody foresaw', '未预料的情况'],
      [
        'policies: the configuration server does not answer, or has no such entry',
        '治理策略：配置中心没有响应，或没有该条目',
      ],
    ],
    remedy: [
      'See the log of the engine at this time and report it. The request had no effect that was acknowledged.',
      '查看引擎当时的日志并反馈。该请求没有得到确认的效果。',
    ],
  },
  StoreUnavailable: {
    meaning: ['The store does not take the change, or does not answer.', '存储不接受更改或没有响应。'],
    causes: [
      ['the disk is full or broken', '磁盘已满或损坏'],
      ['the engine is just stopping', '引擎正在停止'],
    ],
    remedy: [
      'Make room or look at the disk; clients try again by themselves.',
      '清理空间或检查磁盘；客户端会自行重试。',
    ],
  },
  QuotaUnavailable: {
    meaning: ['The quota service did not say what is allowed.', '配额服务没有给出允许的数量。'],
    causes: [
      [
        'it is down, slow, or answers something else (quota.kind http)',
        '配额服务宕机、过慢或返回内容有误（quota.kind 为 http）',
      ],
    ],
    remedy: [
      'Look at the service at quota.url; see docs/quota-service.md for what it must answer.',
      '检查 quota.url 指向的服务；其应答格式见 docs/quota-service.md。',
    ],
  },
} as const satisfies Readonly<Record<string, ErrorGuide>>
