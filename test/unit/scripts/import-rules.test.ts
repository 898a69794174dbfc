import { describe, expect, test } from 'vitest';
import { importViolations } from '../../../scripts/import-rules.ts';

const tree = (files: Record<string, string>) => new Map(Object.entries(files));

/** A tree in which every allowed kind of import occurs once. */
const goodTree = {
  'src/model/units.ts': 'export type Milliseconds = number;',
  'src/model/defaults.ts': "import type { Milliseconds } from './units.ts';",
  'src/machines/uplink.machine.ts': "import { setup } from 'xstate'; import '../model/units.ts';",
  'src/streams/ports.ts': "import type { Milliseconds } from '../model/units.ts';",
  'src/streams/probe.stream.ts': "import { timer } from 'rxjs'; import './ports.ts';",
  'src/effects/ports.ts': 'export {};',
  'src/effects/network/execute.ts': "import { defer } from 'rxjs/internal/x'; import '../ports.ts';",
  'src/adapters/clock/clock.ts': `
    import { setTimeout as sleep } from 'node:timers/promises';
    import '../../streams/ports.ts'; import '../../effects/ports.ts';
    setTimeout(() => sleep(1), 1);`,
  'src/commands/cli.ts': "await import('../main.ts'); import '../adapters/clock/clock.ts'; import 'node:util';",
  'src/main.ts': "import './machines/uplink.machine.ts'; export * from './effects/network/execute.ts';",
};

const messagesWith = (files: Record<string, string>) =>
  importViolations(tree({ ...goodTree, ...files })).map(({ file, line, message }) => `${file}:${line} ${message}`);

test('a tree that keeps every rule has no violation', () => {
  expect(messagesWith({})).toEqual([]);
});

describe('each rule is found broken', () => {
  const broken: [rule: string, file: string, source: string, message: string][] = [
    ['model imports no package', 'src/model/bad.ts', "import 'xstate';", 'must not import xstate'],
    ['model imports no other layer', 'src/model/bad.ts', "import '../main.ts';", 'must not import src/main.ts'],
    ['machines know no rxjs', 'src/machines/bad.ts', "import 'rxjs';", 'must not import rxjs'],
    ['machines know no execa', 'src/machines/bad.ts', "import 'execa';", 'must not import execa'],
    ['machines know no pino', 'src/machines/bad.ts', "import 'pino';", 'must not import pino'],
    ['machines know no node:*', 'src/machines/bad.ts', "import 'node:fs';", 'must not import node:fs'],
    ['machines know no streams', 'src/machines/bad.ts', "import '../streams/ports.ts';", 'src/streams/ports.ts'],
    ['streams know no machines', 'src/streams/bad.ts', "import '../machines/uplink.machine.ts';", 'uplink.machine'],
    ['streams know no effects', 'src/streams/bad.ts', "import '../effects/ports.ts';", 'src/effects/ports.ts'],
    ['streams know no node:*', 'src/streams/bad.ts', "import 'node:net';", 'must not import node:net'],
    ['effects know no machines', 'src/effects/bad.ts', "import '../machines/uplink.machine.ts';", 'uplink.machine'],
    ['effects know no adapters', 'src/effects/bad.ts', "import '../adapters/clock/clock.ts';", 'clock.ts'],
    ['effects know no execa', 'src/effects/bad.ts', "import 'execa';", 'must not import execa'],
    ['adapters know only ports of streams', 'src/adapters/bad.ts', "import '../streams/probe.stream.ts';", 'probe'],
    ['adapters know no machines', 'src/adapters/bad.ts', "import '../machines/uplink.machine.ts';", 'uplink.machine'],
    ['commands know no effects', 'src/commands/bad.ts', "import '../effects/execute.ts';", 'execute.ts'],
    ['only main.ts stands beside the layers', 'src/util.ts', 'export {};', 'belongs to no layer'],
    ['setTimeout only in adapters', 'src/streams/bad.ts', 'setTimeout(f, 1);', 'setTimeout outside'],
    ['setInterval only in adapters', 'src/main.ts', 'globalThis.setInterval(f, 1);', 'setInterval outside'],
    ['node:timers only in adapters', 'src/commands/bad.ts', "import 'node:timers/promises';", 'node:timers/promises'],
    ['imports name a file that is there', 'src/main.ts', "import './model/units.js';", 'there is no'],
    ['import() names what it loads', 'src/main.ts', 'import(name);', 'computed'],
    ['a file can be parsed', 'src/main.ts', 'const = 1;', 'cannot be parsed'],
  ];

  test.for(broken)('%s', ([, file, source, message]) => {
    const messages = messagesWith({ [file]: source });
    expect(messages).toHaveLength(1);
    expect(messages[0]).toContain(`${file}:1 `);
    expect(messages[0]).toContain(message);
  });

  test('import cycles', () => {
    const messages = messagesWith({ 'src/model/units.ts': "\nimport './defaults.ts';" });
    expect(messages).toEqual([
      'src/model/defaults.ts:1 import cycle: src/model/units.ts → src/model/defaults.ts → src/model/units.ts',
    ]);
  });

  test('folders of machines that need each other', () => {
    const messages = messagesWith({
      'src/machines/node/node.ts': "import '../lease/lease.ts';",
      'src/machines/node/words.ts': '',
      'src/machines/lease/lease.ts': "import '../node/words.ts';",
    });
    expect(messages).toEqual([
      'src/machines/lease:1 cycle of folders: src/machines/node → src/machines/lease → src/machines/node',
    ]);
  });
});

describe('every way to import counts', () => {
  test.for([
    "import type { A } from 'rxjs';",
    "export type { A } from 'rxjs';",
    "export * from 'rxjs';",
    "const a = await import('rxjs');",
    "type A = import('rxjs').Observable<1>;",
  ])('%s', (source) => {
    expect(messagesWith({ 'src/machines/bad.ts': source })).toHaveLength(1);
  });
});

test('an injected clock is no bare timer', () => {
  expect(messagesWith({ 'src/streams/clock.ts': 'clock.setTimeout(f, 1); scheduler.setInterval(f, 1);' })).toEqual([]);
});
