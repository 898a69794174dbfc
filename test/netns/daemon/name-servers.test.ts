import { chmodSync, mkdirSync, readFileSync, statSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { sourceCommand } from '../../../lab/daemon.ts';
import { farHost } from '../../../lab/topology.ts';
import { PrivateEtc } from './private-etc.ts';
import { problemCodes, quick, Site } from './site.ts';

const original = '# by hand\nnameserver 192.168.101.1\nsearch example.org\noptions timeout:1 attempts:1\n';

/** Each provider's own server, as three ways of knowing tell it. */
const withServers = (mode: string): string => `${quick.replace('mode = "none"', `mode = "${mode}"`)}
[[uplink]]
match = "eth0"
dns = ["192.168.101.1"]
[[uplink]]
match = "wlan0"
dns = ["192.168.102.1", "2001:db8:102::1"]
[discovery]
resyncInterval = "1s"
`;

/** A lookup by the C library, as every program has it; the addresses, or what went wrong. */
async function lookUp(site: Site, etc: PrivateEtc): Promise<string> {
  const command = [...etc.wrapper, 'getent', 'ahostsv4', 'www.example.net'];
  return site.node.exec(command[0] ?? '', command.slice(1)).catch(() => 'no answer');
}

async function until(condition: () => boolean, what: string): Promise<void> {
  const deadline = performance.now() + 8000;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`not within 8 s: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

describe.each([
  ['a file that may be replaced', false],
  ['a file that is mounted', true],
])('ROUT-9: in %s', (_, isFileOnly) => {
  test('lookups go on by the active uplink when the provider of the last one is dead, and the file comes back', async () => {
    await using site = await Site.create();
    const etc = new PrivateEtc(site.lab, original, isFileOnly);
    chmodSync(etc.file, 0o664);
    await site.start(withServers('auto'), { wrapper: etc.wrapper });
    await site.untilActive('eth0');
    await until(() => etc.read().includes('backhauld'), 'the servers of eth0 are written');
    expect(await lookUp(site, etc)).toContain(farHost.ipv4);

    await site.lab.uplink('eth0').pull();
    await site.untilActive('wlan0');
    await until(() => etc.read().includes('192.168.102.1'), 'the servers of wlan0 are written');
    expect(etc.read()).not.toContain('192.168.101.1');
    expect(etc.read().split('\n').slice(-3)).toEqual(['search example.org', 'options timeout:1 attempts:1', '']);
    const asked = performance.now();
    expect(await lookUp(site, etc)).toContain(farHost.ipv4);
    expect(performance.now() - asked).toBeLessThan(1000);
    expect(await site.own()).toEqual(expect.arrayContaining([expect.stringMatching(/^192\.168\.102\.1 dev wlan0/u)]));

    const inode = statSync(etc.file).ino;
    expect(await site.daemon.stop()).toBe(0);
    expect(etc.read()).toBe(original);
    expect(statSync(etc.file).mode & 0o777).toBe(0o664);
    expect(statSync(etc.file).ino === inode).toBe(isFileOnly);
    // Nobody's server of the old provider answers: without following there would have been no lookup.
    expect(await lookUp(site, etc)).toBe('no answer');
  });
});

test('ROUT-9: killed, the file is given back by the next run at its end, or by cleanup', async () => {
  await using site = await Site.create();
  const etc = new PrivateEtc(site.lab, original);
  await site.start(withServers('file'), { wrapper: etc.wrapper });
  await until(() => etc.read().includes('backhauld'), 'it is written');
  const journal = join(site.daemon.socket, '..', 'state', 'name-servers.json');
  expect(statSync(journal).mode & 0o777).toBe(0o600);
  await site.daemon.kill();
  expect(etc.read()).toContain('backhauld');

  site.daemon.launch();
  await site.until(() => true, 'it answers again');
  await site.untilActive('eth0');
  expect(await site.daemon.stop()).toBe(0);
  expect(etc.read()).toBe(original);

  site.daemon.launch();
  await site.untilActive('eth0');
  await until(() => etc.read().includes('backhauld'), 'it is written anew');
  await site.daemon.kill();
  const cli = [...etc.wrapper, ...sourceCommand()];
  const home = join(site.daemon.socket, '..');
  const args = [...cli.slice(1), 'cleanup', '--config', join(home, 'config.toml'), '--socket', site.daemon.socket];
  await site.node.exec(cli[0] ?? '', [...args, '--state-dir', join(home, 'state')]);
  expect(etc.read()).toBe(original);
  expect(JSON.parse(readFileSync(journal, 'utf8'))).toMatchObject({ data: [] });
});

test('ROUT-9: what someone else writes meanwhile, a link, and a file that nobody may write are kept and reported', async () => {
  await using site = await Site.create();
  const etc = new PrivateEtc(site.lab, original);
  await site.start(withServers('auto'), { wrapper: etc.wrapper });
  await until(() => etc.read().includes('backhauld'), 'it is written');
  const theirs = 'nameserver 192.0.2.53\n';
  writeFileSync(etc.file, theirs);
  const status = await site.until((now) => now.problems.length > 0, 'the conflict is reported');
  expect(problemCodes(status)).toEqual(['dns.conflict']);
  await site.daemon.pin('wlan0');
  await site.untilActive('wlan0');
  expect(await site.daemon.stop()).toBe(0);
  expect(etc.read()).toBe(theirs);

  unlinkSync(etc.file);
  writeFileSync(join(etc.directory, 'elsewhere'), theirs);
  symlinkSync('elsewhere', etc.file);
  site.daemon.launch();
  await site.until((now) => problemCodes(now).includes('dns.conflict'), 'the link is reported');
  expect(await site.daemon.stop()).toBe(0);
  expect(readFileSync(join(etc.directory, 'elsewhere'), 'utf8')).toBe(theirs);

  unlinkSync(etc.file);
  writeFileSync(etc.file, theirs, { mode: 0o444 });
  site.daemon.launch();
  await site.until((now) => problemCodes(now).includes('dns.conflict'), 'the file is reported');
  expect(await site.daemon.stop()).toBe(0);
  expect(etc.read()).toBe(theirs);
});

test("ROUT-9: the machine's own file is left alone by a daemon in a network namespace", async () => {
  await using site = await Site.create();
  const before = readFileSync('/etc/resolv.conf');
  const status = await site.start(withServers('file'));
  const { problems } =
    status.problems.length > 0 ? status : await site.until((now) => now.problems.length > 0, 'it is said');
  expect(problems[0]?.message).toContain('belongs to the whole machine');
  expect(readFileSync('/etc/resolv.conf')).toEqual(before);
  expect(await site.daemon.stop()).toBe(0);
});

test('ROUT-9, ROUT-7: a dry run shows it and does nothing; servers come from what other programs know, garbage is named', async () => {
  await using site = await Site.create();
  const etc = new PrivateEtc(site.lab, original);
  const known = await site.node.exec('cat', ['/sys/class/net/eth0/ifindex']);
  mkdirSync('/run/systemd/netif/leases', { recursive: true });
  writeFileSync(
    `/run/systemd/netif/leases/${known.trim()}`,
    'ADDRESS=192.168.101.2\nDNS=192.168.101.1 127.0.0.1 a;b\n',
  );
  const toml = `${quick.replace('mode = "none"', 'mode = "file"')}\n[routing]\nexecute = false\n`;
  await site.begin(toml, { wrapper: etc.wrapper });
  const { problems } = await site.until(
    (now) => now.problems.some(({ code }) => code === 'dns.invalid'),
    'it is named',
  );
  const { message } = problems.find(({ code }) => code === 'dns.invalid') ?? {};
  expect(message).toContain('"127.0.0.1", "a;b"');
  const plan = await site.daemon.plan();
  expect(plan.filter(({ type }) => type === 'dns.set')).toMatchObject([{ target: 'name servers in /etc/resolv.conf' }]);
  expect(plan.find(({ type }) => type === 'dns.set')?.because).toContain('systemd-networkd');
  expect(await site.daemon.stop()).toBe(0);
  expect(etc.read()).toBe(original);
});

test('ROUT-2, ROUT-9: of two phones with the same subnet and the same name server the active one is asked', async () => {
  const phones = ['usb0', 'usb1'].map((name, at) => ({ name, number: 104 + at, metric: 100 + at, hasIpv6: false }));
  await using site = await Site.create({ uplinks: phones, addressed: false });
  const etc = new PrivateEtc(site.lab, original);
  for (const [at, { name, metric }] of phones.entries()) {
    const gateway = '192.168.42.129';
    await site.lab
      .uplink(name)
      .routerNamespace.ip(`address add ${gateway}/24 dev lan`, 'address add 192.168.42.53/24 dev lan');
    await site.node.ip(
      `address add 192.168.42.${at + 2}/24 dev ${name}`,
      `route add default via ${gateway} dev ${name} metric ${metric}`,
    );
  }
  const toml = quick.replace('mode = "none"', 'mode = "file"');
  await site.start(`${toml}\n[[uplink]]\nmatch = "usb*"\npolicy = "unrestricted"\ndns = ["192.168.42.53"]\n`, {
    wrapper: etc.wrapper,
  });
  for (const name of ['usb1', 'usb0', 'usb1']) {
    await site.pin(name);
    await until(() => etc.read().includes(` ${name}.`), `the servers of ${name} are written`);
    await site.untilDone();
    expect(await site.node.exec('ip', ['route', 'get', '192.168.42.53'])).toContain(`dev ${name} `);
  }
  expect(await site.stop()).toEqual({ code: 0, changes: [] });
  expect(etc.read()).toBe(original);
});
