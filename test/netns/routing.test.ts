import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openKernel, type Kernel } from '../../src/adapters/netlink/kernel.ts';
import { openSettingsJournal } from '../../src/adapters/settings/settings.journal.ts';
import { createSettingsTarget } from '../../src/adapters/settings/settings.target.ts';
import { describeRoutingContract, routingPlans, type RoutingWorld } from '../contract/routing.contract.ts';
import { enterOwnNetwork } from './own-network.ts';

enterOwnNetwork();

const ip = (...words: readonly string[]): string =>
  execFileSync('ip', words, { encoding: 'utf8', env: { LC_ALL: 'C', PATH: process.env['PATH'] } });

let worlds = 0;

/** The providers live in a namespace of their own, at the far ends of veth pairs. */
function makeWorld(driver: 'ffi' | 'command'): RoutingWorld {
  worlds += 1;
  const far = `isp${process.pid}x${worlds}`;
  ip('netns', 'add', far);
  const directory = mkdtempSync(join(tmpdir(), 'routing-'));
  const pathOf = (name: string, family: string, key: string): string => `/proc/sys/net/${family}/conf/${name}/${key}`;
  writeFileSync(pathOf('all', 'ipv4', 'rp_filter'), '0');
  for (const { name, ipv4, ipv6 } of routingPlans) {
    ip('link', 'add', name, 'type', 'veth', 'peer', 'name', `p-${name}`, 'netns', far);
    ip('address', 'add', `${ipv4[0]}/24`, 'dev', name);
    ip('address', 'add', `${ipv6[0]}/64`, 'dev', name, 'nodad');
    ip('-n', far, 'address', 'add', `${ipv4[1]}/24`, 'dev', `p-${name}`);
    ip('-n', far, 'address', 'add', `${ipv6[1]}/64`, 'dev', `p-${name}`, 'nodad');
    ip('-n', far, 'link', 'set', `p-${name}`, 'up');
    ip('link', 'set', name, 'up');
  }
  ip('link', 'add', 'docker0', 'type', 'veth', 'peer', 'name', 'p-docker0', 'netns', far);
  ip('address', 'add', '172.17.0.1/16', 'dev', 'docker0');
  ip('-n', far, 'link', 'set', 'p-docker0', 'up');
  ip('link', 'set', 'docker0', 'up');
  ip('route', 'add', 'default', 'via', '192.0.2.1', 'dev', 'eth0');
  ip('-6', 'route', 'add', 'default', 'via', '2001:db8:e::1', 'dev', 'eth0');
  const lines = (text: string): readonly string[] => text.split('\n').filter((line) => line !== '');
  const ours = /proto(?:col)? 144\b/u;
  return {
    open: async () => {
      const kernel = await openKernel({ driver });
      return { kernel, settings: createSettingsTarget(), journal: openSettingsJournal(directory).journal };
    },
    close: async ({ kernel }) => (kernel as Kernel).close(),
    wayOut: ({ family, destination, from, oif }) => {
      const selectors = [...(from === undefined ? [] : ['from', from]), ...(oif === undefined ? [] : ['oif', oif])];
      try {
        const answer = ip(family === 'ipv4' ? '-4' : '-6', 'route', 'get', destination, ...selectors);
        return / dev (\S+)/u.exec(answer)?.[1] ?? null;
      } catch {
        return null;
      }
    },
    indexOf: (name) => Number(/^(\d+):/u.exec(ip('-o', 'link', 'show', name))?.[1]),
    unplug: (name) => void ip('-n', far, 'link', 'set', `p-${name}`, 'down'),
    plug: (name) => void ip('-n', far, 'link', 'set', `p-${name}`, 'up'),
    foreign: () =>
      ['-4', '-6']
        .flatMap((family) =>
          lines(ip(family, 'route', 'show', 'table', 'all') + ip(family, '-details', 'rule', 'show')),
        )
        .filter((line) => !ours.test(line))
        // Link-local and multicast routes come with the carrier, in their own time; caches and life times change.
        .filter((line) => !/fe80|ff00::|expires/u.test(line))
        .toSorted(),
    setting: ({ interface: name, family, key }) => readFileSync(pathOf(name, family, key), 'utf8').trim(),
    setSetting: ({ interface: name, family, key }, value) => writeFileSync(pathOf(name, family, key), value),
    removeOwnRules: () => {
      for (const family of ['-4', '-6']) {
        for (const line of lines(ip(family, 'rule', 'show'))) {
          if (ours.test(line)) ip(family, 'rule', 'delete', 'priority', line.split(':')[0] ?? '', 'protocol', '144');
        }
      }
    },
    occupyTable: (table) => void ip('route', 'add', '203.0.113.0/24', 'dev', 'docker0', 'table', String(table)),
    dispose: async () => {
      for (const { name } of routingPlans) ip('link', 'delete', name);
      ip('link', 'delete', 'docker0');
      ip('netns', 'delete', far);
      rmSync(directory, { recursive: true });
      return Promise.resolve();
    },
  };
}

for (const driver of ['ffi', 'command'] as const) {
  describeRoutingContract(`the real kernel by ${driver}`, async () => Promise.resolve(makeWorld(driver)));
}
