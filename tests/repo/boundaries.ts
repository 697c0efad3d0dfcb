/** Who may import whom, as examples: the text in words is ARCHITECTURE.md, the rule itself is in biome.json. */
export interface Boundary {
  /** A file of the folder whose imports are meant. */
  readonly from: string
  readonly allowed: readonly string[]
  readonly refused: readonly string[]
}

const PORTS = ['../../storage/store.ts', '../../storage/journal.ts', '../../storage/commit.ts']
const EDGES = ['../../http/server.ts', '../../watch/hub.ts', '../../engine.ts', '../../settings.ts']
const ADAPTERS = ['../../storage/lmdb/lmdb-store.ts', '../../storage/memory/memory-store.ts', '../../storage/feed.ts']
const INPUT_OUTPUT = ['node:http', 'node:https', 'node:net', 'node:fs', 'node:fs/promises', 'node:timers/promises']
const MODULES = [
  'audit',
  'auth',
  'config',
  'contracts',
  'dependency',
  'governance',
  'metrics',
  'policies',
  'quota',
  'registry',
  'transactions',
]

/** The order inside the domain; modules that are not keys use none. */
const USES: Readonly<Record<string, readonly string[]>> = {
  registry: ['quota'],
  contracts: ['registry', 'quota'],
  dependency: ['registry'],
  governance: ['registry', 'contracts', 'dependency'],
  metrics: ['registry'],
  transactions: ['registry'],
}

function domainModule(name: string): Boundary {
  const uses = USES[name] ?? []
  const others = MODULES.filter((other) => other !== name)
  return {
    from: `engine/src/domain/${name}/planted.ts`,
    allowed: [
      './types.ts',
      '../../kernel/clock.ts',
      '@rollcall/protocol/registry',
      'node:crypto',
      ...PORTS,
      ...uses.map((other) => `../${other}/index.ts`),
      ...(name === 'auth' ? ['jose'] : []),
    ],
    refused: [
      ...others.filter((other) => !uses.includes(other)).map((other) => `../${other}/index.ts`),
      ...others.map((other) => `../${other}/view.ts`),
      ...EDGES,
      ...ADAPTERS,
      ...INPUT_OUTPUT,
      ...(name === 'auth' ? [] : ['jose']),
      'lmdb',
      'ws',
      '@rollcall/client',
    ],
  }
}

export const boundaries: readonly Boundary[] = [
  {
    from: 'protocol/src/planted.ts',
    allowed: ['./registry.ts'],
    refused: ['@rollcall/engine/engine', '@rollcall/client', '../../engine/src/engine.ts', 'node:crypto', 'ws'],
  },
  {
    from: 'engine/src/kernel/planted.ts',
    allowed: ['./clock.ts', 'node:crypto'],
    refused: [
      '../domain/registry/index.ts',
      '../storage/store.ts',
      '../http/server.ts',
      '@rollcall/protocol/errors',
      ...INPUT_OUTPUT,
      'lmdb',
    ],
  },
  ...MODULES.map(domainModule),
  {
    from: 'engine/src/domain/registry/planted.test.ts',
    allowed: [
      './view.ts',
      '../quota/index.ts',
      '../../kernel/manual-clock.ts',
      '../../storage/memory/memory-store.ts',
      '@rollcall/protocol/registry',
      'vitest',
      'fast-check',
    ],
    refused: [
      '../quota/view.ts',
      ...EDGES,
      '../../storage/lmdb/lmdb-store.ts',
      ...INPUT_OUTPUT,
      '@rollcall/client',
      'ws',
    ],
  },
  {
    from: 'protocol/src/planted.test.ts',
    allowed: ['./registry.ts', 'vitest', 'fast-check', 'node:crypto'],
    refused: ['@rollcall/engine/engine', '@rollcall/client', '../../engine/src/engine.ts', 'ws'],
  },
  {
    from: 'client/src/planted.test.ts',
    allowed: ['./index.ts', '@rollcall/protocol/registry', 'vitest', 'fast-check', 'node:crypto'],
    refused: ['@rollcall/engine/engine', '../../engine/src/engine.ts', 'rollcall', 'ws'],
  },
  {
    from: 'engine/src/http/planted.test.ts',
    allowed: ['../engine.ts', '../test-engine.ts', '../storage/memory/memory-store.ts', 'vitest'],
    refused: [],
  },
  {
    from: 'engine/src/storage/planted.ts',
    allowed: ['./store.ts', '../kernel/clock.ts', 'node:crypto'],
    refused: ['../domain/registry/index.ts', '../http/server.ts', '@rollcall/protocol/registry', 'lmdb', 'node:timers'],
  },
  {
    from: 'engine/src/storage/lmdb/planted.ts',
    allowed: ['./codec.ts', '../store.ts', '../../kernel/heap.ts', 'lmdb', 'node:fs'],
    refused: [
      '../../domain/registry/index.ts',
      '../../watch/hub.ts',
      '@rollcall/protocol/registry',
      'node:timers/promises',
    ],
  },
  {
    from: 'engine/src/storage/memory/planted.ts',
    allowed: ['../store.ts', '../../kernel/heap.ts'],
    refused: ['lmdb', '../../domain/registry/index.ts'],
  },
  {
    from: 'engine/src/http/planted.ts',
    allowed: [
      './errors.ts',
      '../domain/registry/index.ts',
      '../kernel/fail.ts',
      '@rollcall/protocol/errors',
      'node:http',
      'ws',
    ],
    refused: [
      '../domain/registry/view.ts',
      '../storage/lmdb/lmdb-store.ts',
      '../storage/memory/memory-store.ts',
      '../engine.ts',
      'lmdb',
    ],
  },
  {
    from: 'engine/src/http/routes/planted.ts',
    allowed: [
      '../errors.ts',
      './route.ts',
      '../../domain/registry/index.ts',
      '../../kernel/fail.ts',
      '@rollcall/protocol/errors',
    ],
    refused: [
      '../../domain/registry/view.ts',
      '../../storage/lmdb/lmdb-store.ts',
      '../../watch/hub.ts',
      '../../engine.ts',
      'lmdb',
    ],
  },
  {
    from: 'engine/src/diagnosis/planted.ts',
    allowed: ['./findings.ts', '../kernel/clock.ts', '../storage/lmdb/lmdb-store.ts', 'node:fs/promises'],
    refused: ['../domain/registry/index.ts', '../http/server.ts', '../engine.ts', 'lmdb'],
  },
  {
    from: 'engine/src/quota-service/planted.ts',
    allowed: ['./breaker.ts', '../domain/quota/index.ts', '../kernel/clock.ts', 'node:http', 'node:https'],
    refused: [
      '../domain/quota/view.ts',
      '../domain/registry/index.ts',
      '../storage/store.ts',
      '../http/server.ts',
      '../watch/hub.ts',
      '../engine.ts',
      '../settings.ts',
      'node:timers/promises',
    ],
  },
  {
    from: 'engine/src/kie/planted.ts',
    allowed: ['./kie-store.ts', '../domain/policies/index.ts', '../kernel/clock.ts', 'yaml'],
    refused: [
      '../domain/policies/kinds.ts',
      '../domain/registry/index.ts',
      '../storage/store.ts',
      '../http/server.ts',
      '../engine.ts',
      '../settings.ts',
      'node:timers/promises',
    ],
  },
  {
    from: 'engine/src/processes/planted.ts',
    allowed: [
      './read-document.ts',
      '../domain/contracts/index.ts',
      '../kernel/clock.ts',
      'yaml',
      'node:child_process',
      'node:crypto',
      'node:os',
    ],
    refused: ['../domain/contracts/view.ts', '../storage/store.ts', '../http/server.ts', '../engine.ts', 'node:fs'],
  },
  {
    from: 'engine/src/watch/planted.ts',
    allowed: ['./frames.ts', '../domain/registry/index.ts', '../kernel/clock.ts', '@rollcall/protocol/watch', 'ws'],
    refused: [
      '../domain/registry/view.ts',
      '../storage/lmdb/lmdb-store.ts',
      '../storage/memory/memory-store.ts',
      '../engine.ts',
      'lmdb',
    ],
  },
  {
    from: 'engine/src/engine.ts',
    allowed: [
      './domain/registry/index.ts',
      './storage/lmdb/lmdb-store.ts',
      './http/server.ts',
      './watch/hub.ts',
      './settings.ts',
    ],
    refused: ['@rollcall/client', 'rollcall', '@rollcall/tests/any'],
  },
  {
    from: 'engine/src/compose.ts',
    allowed: ['./domain/registry/index.ts', './storage/lmdb/lmdb-store.ts', './settings.ts'],
    refused: ['@rollcall/client', 'rollcall', '@rollcall/tests/any'],
  },
  {
    from: 'engine/src/settings.ts',
    allowed: ['./kernel/fail.ts', 'yaml', 'node:fs'],
    refused: [
      './domain/registry/index.ts',
      './storage/lmdb/lmdb-store.ts',
      './http/server.ts',
      './quota-service/remote-limits.ts',
      './kie/kie-store.ts',
      './watch/hub.ts',
    ],
  },
  {
    from: 'client/src/planted.ts',
    allowed: ['./index.ts', '@rollcall/protocol/registry', 'node:crypto'],
    refused: ['@rollcall/engine/engine', '../../engine/src/engine.ts', 'rollcall', 'ws'],
  },
  {
    from: 'console/src/planted.ts',
    allowed: ['./app/main.ts', '@rollcall/protocol/registry', 'react'],
    refused: ['@rollcall/engine/engine', '../../engine/src/engine.ts', '@rollcall/client', 'rollcall', 'node:fs'],
  },
  {
    from: 'cli/src/commands/planted.ts',
    allowed: [
      '../print/table.ts',
      '@rollcall/protocol/registry',
      '@rollcall/client',
      'commander',
      'cli-progress',
      'node:fs',
    ],
    refused: ['@rollcall/engine/engine', '../../../engine/src/engine.ts', 'lmdb', 'ws'],
  },
  {
    from: 'cli/src/commands/serve.ts',
    allowed: ['@rollcall/engine/engine', '../print/table.ts', 'commander'],
    refused: ['../../../engine/src/engine.ts', 'lmdb'],
  },
  {
    from: 'cli/src/commands/restore.ts',
    allowed: ['@rollcall/engine/storage/lmdb/restore', '../print/table.ts', 'commander'],
    refused: ['../../../engine/src/engine.ts', 'lmdb'],
  },
  {
    from: 'tests/robustness/planted.ts',
    allowed: ['@rollcall/engine/engine', '@rollcall/client', '@rollcall/protocol/registry', 'ws', 'node:fs'],
    refused: [],
  },
  {
    from: 'bench/load/planted.ts',
    allowed: ['@rollcall/engine/engine', '@rollcall/protocol/registry', 'lmdb', 'node:http'],
    refused: [],
  },
]
