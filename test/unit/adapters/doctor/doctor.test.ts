import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';

import { examine } from '../../../../src/adapters/doctor/doctor.ts';
import type { Finding } from '../../../../src/adapters/doctor/finding.ts';
import type { Surroundings } from '../../../../src/adapters/doctor/surroundings.ts';
import { defaultConfig, type Config } from '../../../../src/model/config.ts';
import { BackhaulError } from '../../../../src/model/errors.ts';
import { ownProtocol } from '../../../../src/model/network.ts';
import { kernelWith, processFiles, route, rule, surroundingsWith } from './doctor-fixture.ts';

const containing = (text: string): unknown => expect.stringContaining(text);
const matching = (pattern: RegExp): unknown => expect.stringMatching(pattern);

/** What is not as it should be, by check. */
async function amiss(
  surroundings: Surroundings,
  config: Config = defaultConfig,
): Promise<Readonly<Record<string, string>>> {
  const findings = await examine(config, surroundings);
  return Object.fromEntries(findings.filter(({ status }) => status !== 'ok').map((each) => [each.check, textOf(each)]));
}

const textOf = (finding: Finding): string =>
  `${finding.status === 'problem' ? finding.code : finding.status}: ${finding.found}; ${finding.remedy}`;

const found = async (
  surroundings: Surroundings,
  check: string,
  config: Config = defaultConfig,
): Promise<string | undefined> => (await examine(config, surroundings)).find((each) => each.check === check)?.found;

const withKernel = (kernel: Parameters<typeof kernelWith>[0], files = {}): Surroundings =>
  surroundingsWith(files, { readKernel: () => Promise.resolve(kernelWith(kernel)) });

test('a sound machine has nothing amiss, and every finding says what was found', async () => {
  const findings = await examine(defaultConfig, surroundingsWith());
  expect(findings.filter(({ status }) => status !== 'ok')).toEqual([]);
  expect(findings.length).toBeGreaterThan(18);
  expect(findings.filter((each) => each.found === '' || each.check === '')).toEqual([]);
});

test('looking changes no file', async () => {
  const surroundings = surroundingsWith(processFiles(300, 'systemd-network'));
  const root = dirname(surroundings.proc);
  const picture = (): readonly string[] =>
    readdirSync(root, { recursive: true, encoding: 'utf8' })
      .filter((name) => statSync(join(root, name)).isFile())
      .map((name) => `${name} ${statSync(join(root, name)).mtimeMs} ${readFileSync(join(root, name), 'utf8')}`);
  const before = picture();
  await examine(defaultConfig, surroundings);
  expect(picture()).toEqual(before);
});

describe('privileges', () => {
  const without = (bit: bigint): Readonly<Record<string, string>> => ({
    'proc/self/status': `Name:\tnode\nCapEff:\t${(0x1ffffffffffn & ~(1n << bit)).toString(16).padStart(16, '0')}\n`,
  });

  test('without CAP_NET_ADMIN the daemon cannot work, root or not', async () => {
    expect(await amiss(surroundingsWith(without(12n)))).toEqual({
      CAP_NET_ADMIN: matching(/^privilege\.missing: /u),
    });
  });

  test('without CAP_NET_RAW it can, and says what is lost', async () => {
    expect(await amiss(surroundingsWith(without(13n)))).toEqual({
      CAP_NET_RAW: matching(/^warning: .*ICMP/u),
    });
  });

  test('where /proc does not say, the worst is assumed', async () => {
    expect(Object.keys(await amiss(surroundingsWith({ 'proc/self/status': null })))).toEqual([
      'CAP_NET_ADMIN',
      'CAP_NET_RAW',
    ]);
  });
});

describe('the kernel', () => {
  test('reading it by the ip command is a warning that says what is lost', async () => {
    expect(await amiss(withKernel({ driver: 'command' }))).toEqual({
      kernel: matching(/^warning: .*slower/u),
    });
  });

  test('a kernel that cannot be read is a problem with the code of its cause', async () => {
    const surroundings = surroundingsWith(
      { 'bin/ip': null },
      {
        readKernel: () =>
          Promise.reject(
            new BackhaulError(
              { code: 'tool.missing', message: 'no native code' },
              { code: 'tool.missing', message: 'no ip', remedy: 'install iproute2' },
            ),
          ),
      },
    );
    expect(await amiss(surroundings)).toEqual({
      kernel: 'tool.missing: no native code; no ip; install iproute2',
      ip: 'tool.missing: there is no ip; apt-get install iproute2',
    });
  });

  test('a kernel without rules of a family lacks policy routing', async () => {
    const view = kernelWith();
    const rules = new Map([...view.state.rules].filter(([, each]) => each.family === 'ipv4'));
    const surroundings = surroundingsWith(
      {},
      { readKernel: () => Promise.resolve({ ...view, state: { ...view.state, rules } }) },
    );
    expect(await amiss(surroundings)).toEqual({
      'policy routing': matching(/^kernel\.featureMissing: .*ipv6/u),
    });
  });

  test.each<readonly [string, Readonly<Record<string, string | null>>, string, RegExp]>([
    [
      'no ignore_routes_with_linkdown',
      { 'proc/sys/net/ipv4/conf/all/ignore_routes_with_linkdown': null },
      'linkdown routes',
      /^warning: /u,
    ],
    ['settings that may not be written', { 'proc/sys/net/ipv4/conf/all/rp_filter': null }, 'settings', /^warning: /u],
    [
      'IPv6 switched off',
      { 'proc/sys/net/ipv6/conf/all/disable_ipv6': '1\n' },
      'IPv6',
      /^warning: it is switched off/u,
    ],
    [
      'a kernel before suppress_prefixlength',
      { 'proc/sys/kernel/osrelease': '3.10.0-1160.el7\n' },
      'policy routing',
      /^kernel\.featureMissing: /u,
    ],
  ])('%s is reported', async (_, files, check, expected) => {
    expect(await amiss(surroundingsWith(files))).toEqual({ [check]: matching(expected) });
  });

  test('a kernel without IPv6 is no problem', async () => {
    const surroundings = surroundingsWith({ 'proc/sys/net/ipv6/conf/all/disable_ipv6': null });
    expect(await amiss(surroundings)).toEqual({});
    expect(await found(surroundings, 'IPv6')).toContain('none');
  });

  test('ICMP sockets depend on the group range, or on CAP_NET_RAW', async () => {
    const closed = { 'proc/sys/net/ipv4/ping_group_range': '1\t0\n' };
    expect(await amiss(surroundingsWith(closed))).toEqual({});
    const unprivileged = { ...closed, 'proc/self/status': 'CapEff:\t0000000000001000\n' };
    expect(Object.keys(await amiss(surroundingsWith(unprivileged)))).toEqual(['CAP_NET_RAW', 'ICMP sockets']);
    const open = { ...unprivileged, 'proc/sys/net/ipv4/ping_group_range': '0\t1000\n' };
    expect(Object.keys(await amiss(surroundingsWith(open, { groups: [1001, 500] })))).toEqual(['CAP_NET_RAW']);
  });

  test('bound sockets need CAP_NET_RAW before Linux 5.7', async () => {
    const old = { 'proc/sys/kernel/osrelease': '5.4.0-1\n', 'proc/self/status': 'CapEff:\t0000000000001000\n' };
    expect(Object.keys(await amiss(surroundingsWith(old)))).toEqual(['CAP_NET_RAW', 'bound sockets']);
  });

  test("DISC-7: a /sys that shows another machine's devices is reported", async () => {
    const surroundings = surroundingsWith({ 'sys/class/net/eth0/ifindex': '7\n' });
    expect(await amiss(surroundings)).toEqual({ sysfs: matching(/^warning: .*another/u) });
  });
});

describe('tools', () => {
  test('a tool that this configuration does not use may be missing', async () => {
    const none = {
      'bin/nft': null,
      'bin/udhcpc': null,
      'bin/hostapd': null,
      'bin/dnsmasq': null,
      'bin/conntrack': null,
    };
    const surroundings = surroundingsWith(none);
    expect(await amiss(surroundings)).toEqual({});
    expect(await found(surroundings, 'dnsmasq')).toContain('dnsmasq-base');
  });

  test('with a hotspot its tools are missed, each with its Debian package', async () => {
    const config = { ...defaultConfig, hotspot: { ...defaultConfig.hotspot, enabled: true } };
    const missing = await amiss(
      surroundingsWith({ 'bin/nft': null, 'bin/hostapd': null, 'bin/dnsmasq': null }),
      config,
    );
    expect(missing).toEqual({
      'radio wlan0': containing('there is no interface called wlan0'),
      nft: containing('apt-get install nftables'),
      hostapd: containing('apt-get install hostapd'),
      dnsmasq: containing('apt-get install dnsmasq-base'),
    });
  });

  test('ip is needed only where there is no netlink', async () => {
    expect(await amiss(surroundingsWith({ 'bin/ip': null }))).toEqual({});
    const config = { ...defaultConfig, discovery: { ...defaultConfig.discovery, driver: 'command' as const } };
    expect(await amiss(surroundingsWith({ 'bin/ip': null }), config)).toEqual({
      ip: matching(/^tool\.missing: /u),
    });
  });

  test('a folder of its name is no tool', async () => {
    expect(await found(surroundingsWith({ 'bin/nft': null, 'bin/nft/file': '' }), 'nft')).toMatch(/^not there/u);
  });
});

describe('other managers', () => {
  test('a running NetworkManager is named with its process', async () => {
    expect(await amiss(surroundingsWith(processFiles(300, 'NetworkManager')))).toEqual({
      NetworkManager: matching(/pid 300.*managed/u),
    });
  });

  test('one in another network namespace is none', async () => {
    expect(await amiss(surroundingsWith(processFiles(300, 'NetworkManager', 'net:[4026532000]')))).toEqual({});
    const same = surroundingsWith(processFiles(300, 'NetworkManager', 'net:[4026531840]'));
    expect(Object.keys(await amiss(same))).toEqual(['NetworkManager']);
  });

  test('its folder without its process says that it was there', async () => {
    expect(await found(surroundingsWith({ 'run/NetworkManager/devices/2': '' }), 'NetworkManager')).toContain('it was');
  });

  test('systemd-networkd deletes what others installed unless it is told not to', async () => {
    const running = processFiles(301, 'systemd-network');
    expect(await amiss(surroundingsWith(running))).toEqual({
      'systemd-networkd': containing('ManageForeignRoutingPolicyRules=no and ManageForeignRoutes=no'),
    });
    const half = { ...running, 'etc/systemd/networkd.conf': '[Network]\nManageForeignRoutingPolicyRules=no\n' };
    expect((await amiss(surroundingsWith(half)))['systemd-networkd']).toMatch(/: ManageForeignRoutes=no$/u);
  });

  test.each<readonly [string, Readonly<Record<string, string>>, boolean]>([
    [
      'both off in one drop-in',
      {
        'etc/systemd/networkd.conf.d/b.conf':
          '[Network]\nManageForeignRoutingPolicyRules = no\nManageForeignRoutes=false\n',
      },
      true,
    ],
    [
      'off in a drop-in of /usr/lib',
      {
        'usr/lib/systemd/networkd.conf.d/b.conf':
          '[Network]\nManageForeignRoutingPolicyRules=0\nManageForeignRoutes=off\n',
      },
      true,
    ],
    [
      'off, and on again in a later drop-in',
      {
        'run/systemd/networkd.conf.d/a.conf': '[Network]\nManageForeignRoutingPolicyRules=no\nManageForeignRoutes=no\n',
        'etc/systemd/networkd.conf.d/b.conf': '[Network]\nManageForeignRoutes=yes\n',
      },
      false,
    ],
    [
      'a drop-in hidden by one of the same name in /etc',
      {
        'usr/lib/systemd/networkd.conf.d/b.conf':
          '[Network]\nManageForeignRoutingPolicyRules=no\nManageForeignRoutes=no\n',
        'etc/systemd/networkd.conf.d/b.conf': '[Network]\n',
      },
      false,
    ],
    [
      'off in another section',
      { 'etc/systemd/networkd.conf': '[DHCPv4]\nManageForeignRoutingPolicyRules=no\nManageForeignRoutes=no\n' },
      false,
    ],
    [
      'off in a comment',
      { 'etc/systemd/networkd.conf': '[Network]\n#ManageForeignRoutingPolicyRules=no\n;ManageForeignRoutes=no\n' },
      false,
    ],
  ])('systemd-networkd: %s', async (_, files, isQuiet) => {
    const { 'systemd-networkd': finding } = await amiss(
      surroundingsWith({ ...processFiles(301, 'systemd-network'), ...files }),
    );
    expect(finding === undefined).toBe(isQuiet);
  });

  test('dhcpcd and ConnMan are named', async () => {
    const both = { ...processFiles(400, 'dhcpcd'), ...processFiles(401, 'connmand') };
    expect(Object.keys(await amiss(surroundingsWith(both)))).toEqual(['dhcpcd', 'connmand']);
  });
});

describe('rules and tables', () => {
  test("a rule of someone else's among our priorities is reported with what it does", async () => {
    const taken = await amiss(
      withKernel({ rules: [rule({ priority: 1100, table: 77, from: '10.0.0.0/8', protocol: 4 })] }),
    );
    expect(taken).toEqual({
      'rule priorities': matching(/1100: from 10\.0\.0\.0\/8 lookup 77.*interfaceTablePriority/u),
    });
  });

  test('the place right before main counts too', async () => {
    expect(Object.keys(await amiss(withKernel({ rules: [rule({ priority: 32_765, table: 77 })] })))).toEqual([
      'rule priorities',
    ]);
  });

  test("backhauld's own rules and routes are no conflict", async () => {
    const own = {
      rules: [rule({ priority: 1000, table: 101, protocol: ownProtocol })],
      routes: [route(101, ownProtocol)],
    };
    expect(await amiss(withKernel(own))).toEqual({});
  });

  test('rules follow the configured priority', async () => {
    const config = { ...defaultConfig, routing: { ...defaultConfig.routing, interfaceTablePriority: 2000 } };
    expect(await amiss(withKernel({ rules: [rule({ priority: 1100, table: 77 })] }), config)).toEqual({});
  });

  test('tables that others use or have named are reported', async () => {
    const names = { 'etc/iproute2/rt_tables': '#\n# reserved\n255\tlocal\n254 main\n150 isp2\n300 far\n' };
    expect(
      await amiss(withKernel({ routes: [route(120, 4)], rules: [rule({ priority: 9000, table: 110 })] }, names)),
    ).toEqual({
      'routing tables': matching(/in use by others: 110, 120; named in rt_tables: 150 \(isp2\)/u),
    });
  });

  test("Tailscale's rules stand before the ranked table and are left alone", async () => {
    const rules = [5210, 5230, 5250, 5270].map((priority) =>
      rule({ priority, table: priority === 5270 ? 52 : 254, mark: 0x80000, mask: 0xff0000 }),
    );
    const surroundings = withKernel({ rules });
    expect(await amiss(surroundings)).toEqual({});
    expect(await found(surroundings, 'VPN rules')).toContain('Tailscale (5270)');
  });

  test('a tunnel of wg-quick behind the ranked table would carry nothing', async () => {
    const before = withKernel({ rules: [rule({ priority: 32_764, table: 51_820, mark: 51_820 })] });
    expect(await amiss(before)).toEqual({});
    expect(await found(before, 'VPN rules')).toContain('wg-quick (32764)');
    const behind = withKernel({ rules: [rule({ priority: 32_766, table: 51_820 })] });
    expect(Object.keys(await amiss(behind))).toEqual(['VPN rules']);
  });
});

describe('forwarding', () => {
  const chain = (policy: string, table = 'filter'): string =>
    JSON.stringify({
      nftables: [
        { metainfo: { version: '1.0.6' } },
        {
          chain: { family: 'ip', table, name: 'FORWARD', handle: 1, type: 'filter', hook: 'forward', prio: 0, policy },
        },
        { chain: { family: 'ip', table, name: 'DOCKER', handle: 2 } },
      ],
    });

  test("Docker's chain that drops what is forwarded is named", async () => {
    const docker = surroundingsWith({}, { ask: () => Promise.resolve(chain('drop')) });
    expect(await amiss(docker)).toEqual({
      forwarding: matching(/the nftables chain ip filter FORWARD.*DOCKER-USER/u),
    });
    expect(await amiss(surroundingsWith({}, { ask: () => Promise.resolve(chain('accept')) }))).toEqual({});
    expect(await amiss(surroundingsWith({}, { ask: () => Promise.resolve(chain('drop', 'backhauld')) }))).toEqual({});
  });

  test('iptables-legacy is asked only where its table is in use', async () => {
    const asked: string[] = [];
    const ask = (tool: string): Promise<string | null> => {
      asked.push(tool.replace(/.*\//u, ''));
      return Promise.resolve(tool.endsWith('iptables-legacy') ? '-P FORWARD DROP\n-N DOCKER\n' : '{"nftables": []}');
    };
    const program = { 'bin/iptables-legacy': '' };
    expect(await amiss(surroundingsWith(program, { ask }))).toEqual({});
    expect(asked).toEqual(['nft']);
    const inUse = surroundingsWith({ ...program, 'proc/net/ip_tables_names': 'nat\nfilter\n' }, { ask });
    expect(Object.keys(await amiss(inUse))).toEqual(['forwarding']);
  });

  test.each([
    ['nothing', null],
    ['no JSON', 'internal error'],
    ['other JSON', '[1, {"chain": null}]'],
  ])('an answer of nft that is %s is called unknown', async (_, text) => {
    expect(await found(surroundingsWith({}, { ask: () => Promise.resolve(text) }), 'forwarding')).toContain(
      'not known',
    );
  });
});
