import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';

import type { KernelView, Surroundings } from '../../../../src/adapters/doctor/surroundings.ts';
import { ruleKey, routeKey, type KernelState, type Link, type Route, type Rule } from '../../../../src/model/kernel.ts';

/** Files by their path from the root of the tree (`proc/…`, `sys/…`, `etc/…`, `run/…`, `usr/…`, `bin/…`). */
type Files = Readonly<Record<string, string>>;

/** A Debian machine as it should be: root, one cable, all tools, nobody else managing the network. */
export const soundFiles: Files = {
  'proc/self/status': 'Name:\tnode\nCapEff:\t000001ffffffffff\n',
  'proc/sys/kernel/osrelease': '6.1.0-18-amd64\n',
  'proc/sys/net/ipv4/conf/all/ignore_routes_with_linkdown': '0\n',
  'proc/sys/net/ipv4/conf/all/rp_filter': '0\n',
  'proc/sys/net/ipv4/ping_group_range': '0\t2147483647\n',
  'proc/sys/net/ipv6/conf/all/disable_ipv6': '0\n',
  'sys/class/net/eth0/ifindex': '2\n',
  'sys/class/net/eth0/address': '02:00:00:00:00:01\n',
  'sys/class/net/lo/ifindex': '1\n',
  'sys/class/net/lo/address': '00:00:00:00:00:00\n',
  ...Object.fromEntries(
    ['ip', 'nft', 'udhcpc', 'hostapd', 'dnsmasq', 'iw', 'tc', 'conntrack'].map((name) => [
      `bin/${name}`,
      '#!/bin/sh\n',
    ]),
  ),
};

/** Without a null a file of `soundFiles` stays; with one it is left out. */
export function surroundingsWith(
  changes: Readonly<Record<string, string | null>> = {},
  other: Partial<Surroundings> = {},
): Surroundings {
  const root = mkdtempSync(join(tmpdir(), 'backhauld-doctor-'));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  for (const folder of ['proc', 'sys', 'etc', 'run', 'usr', 'bin']) mkdirSync(join(root, folder));
  for (const [path, text] of Object.entries({ ...soundFiles, ...changes })) {
    if (text === null) continue;
    mkdirSync(dirname(join(root, path)), { recursive: true });
    if (path.endsWith('/ns/net')) symlinkSync(text, join(root, path));
    else writeFileSync(join(root, path), text);
    if (path.startsWith('bin/')) chmodSync(join(root, path), 0o755);
  }
  return {
    proc: join(root, 'proc'),
    sys: join(root, 'sys'),
    etc: join(root, 'etc'),
    run: join(root, 'run'),
    usr: join(root, 'usr'),
    path: join(root, 'bin'),
    groups: [0],
    readKernel: () => Promise.resolve(kernelWith()),
    ask: () => Promise.resolve('{"nftables": []}'),
    ...other,
  };
}

/** A process by its id and name, in the namespace of this one unless another is named. */
export const processFiles = (pid: number, comm: string, namespace?: string): Files => ({
  [`proc/${pid}/comm`]: `${comm}\n`,
  ...(namespace === undefined ? {} : { [`proc/${pid}/ns/net`]: namespace, 'proc/self/ns/net': 'net:[4026531840]' }),
});

export const link = (index: number, name: string, macAddress: string): Link => ({
  index,
  name,
  kind: null,
  hardwareType: name === 'lo' ? 772 : 1,
  isUp: true,
  hasCarrier: true,
  isLoopback: name === 'lo',
  isPointToPoint: false,
  mtu: 1500,
  macAddress,
  lowerIndex: index,
  masterIndex: null,
});

export const rule = (own: Partial<Rule> & Pick<Rule, 'priority' | 'table'>): Rule => ({
  family: 'ipv4',
  action: 'lookup',
  from: null,
  to: null,
  inputInterface: null,
  outputInterface: null,
  mark: null,
  mask: null,
  suppressPrefixLength: null,
  protocol: 2,
  hasOtherSelectors: false,
  ...own,
});

export const route = (table: number, protocol: number): Route => ({
  family: 'ipv4',
  table,
  type: 'unicast',
  destination: '10.0.0.0/8',
  gateway: null,
  linkIndex: 2,
  metric: 0,
  protocol,
  scope: 'link',
  preferredSource: null,
  isOnLink: false,
});

const ownRules: readonly Rule[] = [
  rule({ priority: 0, table: 255 }),
  rule({ priority: 32_766, table: 254 }),
  rule({ priority: 32_767, table: 253 }),
  rule({ family: 'ipv6', priority: 0, table: 255 }),
  rule({ family: 'ipv6', priority: 32_766, table: 254 }),
];

export function kernelWith({
  rules = [],
  routes = [],
  driver = 'ffi',
}: {
  rules?: readonly Rule[];
  routes?: readonly Route[];
  driver?: KernelView['driver'];
} = {}): KernelView {
  const links = [link(1, 'lo', '00:00:00:00:00:00'), link(2, 'eth0', '02:00:00:00:00:01')];
  const state: KernelState = {
    links: new Map(links.map((each) => [each.index, each])),
    addresses: new Map(),
    routes: new Map(routes.map((each) => [routeKey(each), each])),
    rules: new Map([...ownRules, ...rules].map((each) => [ruleKey(each), each])),
    neighbours: new Map(),
  };
  return { driver, state };
}
