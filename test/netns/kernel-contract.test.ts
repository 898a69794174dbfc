import type { Buffer } from 'node:buffer';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Problem } from '../../src/model/errors.ts';
import { done } from '../../src/model/network.ts';
import type { Route, Rule } from '../../src/model/kernel.ts';
import { openKernel } from '../../src/adapters/netlink/kernel.ts';
import { describeKernelContract } from '../contract/kernel.contract.ts';
import {
  addRule,
  deleteRule,
  type KernelWorld,
  reportedRule,
  rulesOf,
  wantedRule,
  Witness,
} from '../contract/kernel-world.ts';
import { enterOwnNetwork } from './own-network.ts';

// Other tests that run at the same time must not be told of, and must not be flooded.
enterOwnNetwork();

const ip = (...words: readonly string[]): string =>
  execFileSync('ip', words, { encoding: 'utf8', env: { LC_ALL: 'C', PATH: process.env['PATH'] } });
/** What is gone already is as good. */
const ipIfThere = (...words: readonly string[]): void => {
  try {
    execFileSync('ip', words, { stdio: 'ignore' });
  } catch {
    // Gone with its link.
  }
};

const familyFlag = { ipv4: '-4', ipv6: '-6' } as const;
/** Notifications of 2 KB and more each: together more than any socket holds. They change nothing that is looked at. */
const floodSize = 16_000;
let worlds = 0;

const viaOf = ({ gateway, family }: Route): readonly string[] => {
  if (gateway === null) return [];
  return family === 'ipv4' && gateway.includes(':') ? ['via', 'inet6', gateway] : ['via', gateway];
};

const hopOf = (hop: Route): readonly string[] => [
  ...viaOf(hop),
  ...(hop.linkIndex === null || hop.type !== 'unicast' ? [] : ['dev', `if${hop.linkIndex}`]),
  ...(hop.isOnLink ? ['onlink'] : []),
];

const routeWords = (hops: readonly Route[]): readonly string[] => {
  const [first] = hops;
  if (first === undefined) throw new RangeError('a route has a way');
  const { type, destination, table, metric, protocol } = first;
  const common = [type, destination, 'table', String(table), 'metric', String(metric), 'proto', String(protocol)];
  return hops.length === 1
    ? [...common, ...hopOf(first)]
    : [...common, ...hops.flatMap((hop) => ['nexthop', ...hopOf(hop)])];
};

const ruleWords = (rule: Rule): readonly string[] => [
  'priority',
  String(rule.priority),
  ...(rule.from === null ? [] : ['from', rule.from]),
  ...(rule.inputInterface === null ? [] : ['iif', rule.inputInterface]),
  ...(rule.mark === null ? [] : ['fwmark', `${rule.mark}/${rule.mask ?? 0xff_ff_ff_ff}`]),
  'table',
  String(rule.table),
  ...(rule.suppressPrefixLength === null ? [] : ['suppress_prefixlength', String(rule.suppressPrefixLength)]),
  'protocol',
  String(rule.protocol),
];

/** The real kernel: veth pairs whose far ends live in a namespace of their own. */
function makeWorld(driver: 'ffi' | 'command'): Promise<KernelWorld> {
  worlds += 1;
  const far = `far${process.pid}x${worlds}`;
  ip('netns', 'add', far);
  const links = new Map<number, string>();
  let count = 0;
  const nameOf = (index: number): string => links.get(index) ?? `if${index}`;
  const onFar = (...words: readonly string[]): string => ip('-n', far, ...words);

  const world: KernelWorld = {
    open: async (options = {}) => openKernel({ ...options, driver }),
    truth: async () => {
      const other = await openKernel({ driver: driver === 'ffi' ? 'command' : 'ffi' });
      const { state } = other;
      await other.close();
      return state;
    },
    addLink: (name, options = { isLikeNic: false }) => {
      count += 1;
      // Between indexes that are equal the kernel reports carriers as it does for a NIC: at most once a second.
      const index = worlds * 100 + count * 2;
      const peer = options.isLikeNic ? index : index + 1;
      ip(
        'link',
        'add',
        'name',
        name,
        'index',
        String(index),
        'type',
        'veth',
        'peer',
        'name',
        `p${index}`,
        'index',
        String(peer),
        'netns',
        far,
      );
      links.set(index, name);
      // Neighbours are given up after 0.3 s instead of 3.
      for (const family of ['ipv4', 'ipv6']) {
        writeFileSync(`/proc/sys/net/${family}/neigh/${name}/retrans_time_ms`, '100');
      }
      onFar('link', 'set', `p${index}`, 'up');
      return index;
    },
    up: (index) => ip('link', 'set', 'dev', nameOf(index), 'up'),
    down: (index) => ip('link', 'set', 'dev', nameOf(index), 'down'),
    plug: (index) => onFar('link', 'set', `p${index}`, 'up'),
    unplug: (index) => onFar('link', 'set', `p${index}`, 'down'),
    rename: (index, name) => {
      ip('link', 'set', 'dev', nameOf(index), 'name', name);
      links.set(index, name);
    },
    remove: (index) => {
      ip('link', 'delete', 'dev', nameOf(index));
      links.delete(index);
    },
    addAddress: (index, address) =>
      ip('address', 'add', address, 'dev', nameOf(index), ...(address.includes(':') ? ['nodad'] : [])),
    removeAddress: (index, address) => ip('address', 'delete', address, 'dev', nameOf(index)),
    addRoute: (hops, mode = 'create') => ip('route', mode === 'create' ? 'add' : 'append', ...routeWords(hops)),
    removeRoute: (hops) => ip('route', 'delete', ...routeWords(hops)),
    addRule: (rule) => ip(familyFlag[rule.family], 'rule', 'add', ...ruleWords(rule)),
    removeRule: (rule) => ip(familyFlag[rule.family], 'rule', 'delete', ...ruleWords(rule)),
    setAnswering: (index, address, answers) => {
      const own = [`${address}/${address.includes(':') ? 64 : 24}`, 'dev', `p${index}`];
      onFar('address', answers ? 'add' : 'delete', ...own, ...(address.includes(':') ? ['nodad'] : []));
    },
    send: (address) => {
      try {
        execFileSync('ping', ['-c', '1', '-W', '0.01', address], { stdio: 'ignore' });
      } catch {
        // Nobody answers; it was sent.
      }
    },
    overflow: (change) => {
      const file = join(tmpdir(), `flood-${process.pid}`);
      const lines = Array.from(
        { length: floodSize },
        (_, position) => `link set dev lo alias ${'ab'.charAt(position % 2).repeat(250)}`,
      );
      writeFileSync(file, lines.join('\n'), { mode: 0o600 });
      execFileSync('ip', ['-force', '-batch', file], { stdio: 'ignore' });
      change();
      rmSync(file);
    },
    close: async () => {
      for (const name of links.values()) ipIfThere('link', 'delete', 'dev', name);
      const kernel = await openKernel({ driver });
      for (const { family, priority } of kernel.state.rules.values()) {
        if (priority > 0 && priority < 32_766) {
          ipIfThere(familyFlag[family], 'rule', 'delete', 'priority', String(priority));
        }
      }
      await kernel.close();
      for (const flag of Object.values(familyFlag)) ipIfThere(flag, 'route', 'flush', 'table', '150');
      ip('netns', 'delete', far);
    },
  };
  return Promise.resolve(world);
}

describeKernelContract('the real one by FFI', async () => makeWorld('ffi'));
describeKernelContract('the real one by the ip command', async () => makeWorld('command'));

describe('The driver by the ip command', () => {
  const childrenOf = (): readonly number[] =>
    readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number);

  test('children that are killed are replaced, and what happened meanwhile is not lost', async () => {
    const problems: Problem[] = [];
    const before = new Set(childrenOf());
    const kernel = await openKernel({ driver: 'command', onProblem: (problem) => problems.push(problem) });
    const witness = new Witness(kernel);
    const killed = childrenOf().filter((pid) => !before.has(pid));
    for (const pid of killed) process.kill(pid, 'SIGKILL');
    ip('rule', 'add', 'priority', '1005', 'table', '150', 'protocol', '144');
    await witness.until((state) => rulesOf(state, 'ipv4').length === 1);
    expect(await kernel.execute(deleteRule(reportedRule('ipv4')))).toEqual(done);
    await witness.until((state) => rulesOf(state, 'ipv4').length === 0);
    await witness.heard();
    expect(killed.length).toBeGreaterThanOrEqual(3);
    expect(problems.map(({ code }) => code)).toContain('tool.failed');
    await kernel.close();
    expect(childrenOf().filter((pid) => !before.has(pid))).toEqual([]);
  });

  test('its children die with the process, however it ends', async () => {
    const script = `
      const { openKernel } = await import(${JSON.stringify(new URL('../../src/adapters/netlink/kernel.ts', import.meta.url).href)});
      await openKernel({ driver: 'command' });
      const { readFileSync } = await import('node:fs');
      console.log(readFileSync('/proc/self/task/' + process.pid + '/children', 'utf8'));`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [line] = (await once(child.stdout, 'data')) as [Buffer];
    const pids = line.toString().trim().split(' ').map(Number);
    child.kill('SIGKILL');
    await once(child, 'exit');
    const isAlive = (pid: number): boolean => {
      try {
        return !/^State:\s+[ZX]/mu.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
      } catch {
        return false;
      }
    };
    await expect.poll(() => pids.filter((pid) => isAlive(pid)), { timeout: 2000 }).toEqual([]);
    expect(pids.length).toBeGreaterThanOrEqual(3);
  });

  test('DISC-1: a change is told within 10 ms', async () => {
    const kernel = await openKernel({ driver: 'command' });
    const witness = new Witness(kernel);
    const writer = await openKernel({ driver: 'ffi' });
    const delays: number[] = [];
    for (let round = 0; round < 40; round += 1) {
      const start = performance.now();
      await writer.execute(round % 2 === 0 ? addRule(wantedRule('ipv6')) : deleteRule(reportedRule('ipv6')));
      await witness.until((state) => rulesOf(state, 'ipv6').length === (round + 1) % 2);
      delays.push(performance.now() - start);
    }
    const median = delays.toSorted((a, b) => a - b)[20] ?? Infinity;
    console.log(
      `from the change to the listener: median ${median.toFixed(2)} ms, at most ${Math.max(...delays).toFixed(2)} ms`,
    );
    expect(median).toBeLessThan(10);
    await writer.close();
    await kernel.close();
  });
});
