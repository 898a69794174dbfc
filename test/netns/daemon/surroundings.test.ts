import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { givenBack, interfaceOf, problemCodes, quick, Site } from './site.ts';
import { isCheap } from './ways.ts';

const withDriver = (driver: string): string => `${quick}\n[discovery]\ndriver = "${driver}"\n`;
/** Does something to the file system first. `ip netns exec` has given the process a mount namespace of its own. */
const after = (script: string, ...args: readonly string[]) => [
  'sh',
  '-c',
  `${script} && shift ${args.length} && exec "$@"`,
  'sh',
  ...args,
];
/**
 * No program but the daemon's own is left, in none of the usual places. What is called `ip` on the PATH cannot be run:
 * that is how the kernel also answers where a directory on the PATH may not be looked into.
 */
const withoutTools = after(
  'mount -t tmpfs tmpfs /usr/sbin && : >/usr/sbin/ip && mount -t tmpfs tmpfs /usr/bin && export PATH=/usr/sbin',
);

/** The usual tour: traffic goes by the best uplink, another takes over when that is lost or dead, and all is given back. */
async function tour(site: Site): Promise<void> {
  const meter = await site.lab.meter();
  await site.untilActive('eth0');
  await site.untilDone();
  await meter.until(({ uplink, silentMs }) => uplink === 'eth0' && silentMs < 20, 'traffic by eth0');
  // A probe that left by another uplink would be answered there.
  await site.lab.uplink('wwan0').blackhole(true);
  await site.until((now) => interfaceOf(now, 'wwan0')?.verdict.ipv4 === 'failed', 'wwan0 has failed');
  expect(interfaceOf(await site.daemon.status(), 'eth0')?.verdict.ipv4).toBe('healthy');
  await meter.report();
  meter.reset();
  await site.lab.uplink('eth0').pull();
  await site.untilActive('wlan0');
  const report = await meter.report();
  expect([report.uplink, isCheap(report)]).toEqual(['wlan0', true]);
  await site.lab.uplink('eth0').plug();
  await site.lab.uplink('wwan0').blackhole(false);
  await site.untilActive('eth0', 15_000);
  await site.pin('wwan0');
  await meter.until(({ uplink }) => uplink === 'wwan0', 'traffic by wwan0');
  await meter.close();
  expect(await site.stop()).toEqual(givenBack);
}

describe.concurrent('tools and code that are missing', () => {
  test('without `ip` on the PATH netlink does everything', async () => {
    await using site = await Site.create();
    const { problems } = await site.start(quick, { wrapper: withoutTools });
    // Nor is there an nft, without which traffic is not counted.
    expect(problems.map(({ code, subject }) => `${code} ${subject}`)).toEqual(['tool.missing nft']);
    await tour(site);
  });

  test('the driver `command` does everything, too', async () => {
    await using site = await Site.create();
    const status = await site.start(withDriver('command'));
    expect(status.problems).toEqual([]);
    await tour(site);
  });

  test('without native code the command takes over by itself, probes go by source address, traffic is not counted, and all is said', async () => {
    await using site = await Site.create();
    const preload = new URL('no-native-code.ts', import.meta.url).href;
    const status = await site.start(quick, { wrapper: ['env', `NODE_OPTIONS=--import=${preload}`] });
    expect(problemCodes(status)).toEqual(['probe.notPermitted', 'tool.missing', 'tool.missing']);
    await tour(site);
  });
});

describe('what keeps it from starting', () => {
  /** Starts it as told; resolves with how it ended. */
  const refuses = async (toml: string, wrapper: readonly string[]) => {
    await using site = await Site.create();
    const daemon = await site.prepare(toml, { wrapper });
    await expect(daemon.start()).rejects.toThrow('the daemon has ended');
    return { code: await daemon.stop(), said: daemon.lastLines, changes: await site.changes() };
  };

  test('without CAP_NET_ADMIN it ends with 3, says so, and has changed nothing', async () => {
    const unprivileged = ['setpriv', '--bounding-set', '-net_admin', '--inh-caps', '-net_admin', '--'];
    const { code, said, changes } = await refuses(quick, unprivileged);
    expect({ code, changes }).toEqual({ code: 3, changes: [] });
    expect(said).toMatch(/CAP_NET_ADMIN.*\[privilege\.missing\]/u);
  });

  test('with the driver `command` and no `ip` it ends with 3 and names the program', async () => {
    const { code, said, changes } = await refuses(withDriver('command'), withoutTools);
    expect({ code, changes }).toEqual({ code: 3, changes: [] });
    expect(said).toMatch(/`ip`.*\[tool\.missing\]/u);
  });

  test('API-3: with seven mistakes in the configuration it ends with 2, names all with their lines, and has changed nothing', async () => {
    const mistakes = `profile = "slow"
[probe]
interval = "5"
targets = ["ftp://192.0.2.1"]
quorum = 0
[routing]
firstTable = 300
exectue = false
[dns]
mode = 7
`;
    const { code, said, changes } = await refuses(mistakes, []);
    expect({ code, changes }).toEqual({ code: 2, changes: [] });
    const lines = [...said.matchAll(/config\.toml:(\d+):\d+/gu)].map(([, line]) => Number(line));
    expect(lines).toEqual([1, 3, 4, 5, 7, 8, 10]);
  });
});

describe('places that cannot be written', () => {
  test('state.unwritable: with a read-only state directory it routes, changes no setting, and says so', async () => {
    await using site = await Site.create();
    const meter = await site.lab.meter();
    const home = await mkdtemp(join(site.lab.directory, 'readonly-'));
    mkdirSync(join(home, 'state'));
    await site.begin(quick, { home, wrapper: after('mount -t tmpfs -o ro tmpfs "$1"', join(home, 'state')) });
    const status = await site.until(({ problems }) => problems.length > 0, 'it is said', 15_000);
    expect(status.problems[0]?.message).toMatch(/state\.unwritable.*settings\.json.*EROFS/u);
    expect((await site.changes()).filter((line) => line.includes('net.ipv'))).toEqual([]);
    await site.pin('wlan0');
    await meter.until(({ uplink }) => uplink === 'wlan0', 'traffic by wlan0');
    expect(await site.stop()).toEqual(givenBack);
  });

  test('with a read-only /proc/sys, as in a container, it routes and says what it cannot set', async () => {
    await using site = await Site.create();
    const meter = await site.lab.meter();
    const readOnly = 'mount --bind /proc/sys /proc/sys && mount -o remount,bind,ro /proc/sys';
    await site.begin(quick, { wrapper: after(readOnly) });
    const status = await site.until(({ problems }) => problems.length > 0, 'it is said', 15_000);
    expect(status.problems[0]?.message).toMatch(/privilege\.missing.*\/proc\/sys/u);
    await site.pin('wlan0');
    await meter.until(({ uplink }) => uplink === 'wlan0', 'traffic by wlan0');
    expect(await site.stop()).toEqual(givenBack);
  });

  test('state.damaged: a damaged record of settings is set aside, whole, and the work goes on', async () => {
    await using site = await Site.create();
    const home = await mkdtemp(join(site.lab.directory, 'damaged-'));
    const state = join(home, 'state');
    mkdirSync(state);
    const damaged = '{"format":"settings.json","version":1,"data":[{"boot":';
    writeFileSync(join(state, 'settings.json'), damaged);
    const status = await site.start(quick, { home });
    expect(problemCodes(status)).toEqual(['state.damaged']);
    const aside = readdirSync(state).find((name) => name.includes('damaged')) ?? '';
    expect(readFileSync(join(state, aside), 'utf8')).toBe(damaged);
    expect(await site.stop()).toEqual(givenBack);
    expect(readFileSync(join(state, aside), 'utf8')).toBe(damaged);
  });
});

test.each(['ffi', 'command'])(
  'DISC-1: when more happens than the socket holds, it looks anew and knows everything (%s)',
  async (driver) => {
    await using site = await Site.create();
    await site.start(withDriver(driver));
    await site.untilActive('eth0');
    // It hears of nothing while it is stopped.
    site.daemon.signal('SIGSTOP');
    const flood = Array.from({ length: 20_000 }, () => [
      'route add blackhole 203.0.113.255 table 251',
      'route delete blackhole 203.0.113.255 table 251',
    ]).flat();
    await site.node.ip(...flood);
    await site.node.ip(
      'address delete 192.168.102.2/24 dev wlan0',
      'rule delete priority 32765 table 200 protocol 144',
      ...flood,
    );
    site.daemon.signal('SIGCONT');
    await site.until((now) => interfaceOf(now, 'wlan0')?.usable.ipv4 === false, 'wlan0 has lost its address');
    await site.untilDone();
    // It is told once, and mended: nothing is wrong any more.
    expect(
      site
        .log()
        .map(({ msg }) => msg)
        .join('\n'),
    ).toContain('[netlink.overflow]');
    expect(problemCodes(await site.daemon.status())).toEqual([]);
    const own = await site.own();
    expect(own.filter((line) => line.startsWith('32765'))).toHaveLength(2);
    expect(own.join('\n')).not.toContain('192.168.102');
    const { plan } = site.lab.uplink('wlan0');
    await site.node.ip(
      'address add 192.168.102.2/24 dev wlan0',
      `route add default via 192.168.102.1 dev wlan0 metric ${plan.metric}`,
    );
    await site.until((now) => interfaceOf(now, 'wlan0')?.verdict.ipv4 === 'healthy', 'wlan0 is healthy again');
    expect(await site.stop()).toEqual(givenBack);
  },
);

test('where the kernel has no IPv6, nothing of it is tried and nothing goes wrong', async () => {
  const uplinks = [
    { name: 'eth0', number: 101, metric: 100, hasIpv6: false },
    { name: 'wlan0', number: 102, metric: 200, hasIpv6: false },
  ];
  await using site = await Site.create({ uplinks });
  await site.node.sysctl('net.ipv6.conf.all.disable_ipv6=1', 'net.ipv6.conf.default.disable_ipv6=1');
  const status = await site.start();
  expect(status.problems).toEqual([]);
  expect(status.active).toMatchObject({ ipv4: { iface: 'eth0' }, ipv6: null });
  await site.lab.uplink('eth0').pull();
  await site.untilActive('wlan0');
  await site.lab.uplink('eth0').plug();
  await site.untilActive('eth0', 15_000);
  expect((await site.own()).join('\n')).not.toMatch(/::/u);
  expect(site.log().filter(({ level }) => Number(level) >= 40)).toEqual([]);
  expect(await site.stop()).toEqual(givenBack);
});
