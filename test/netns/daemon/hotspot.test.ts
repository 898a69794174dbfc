import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { answers, hop } from './ways.ts';
import { bridge, HotspotSite, onBridge, type Client } from './hotspot-site.ts';

const own = '192.168.50.1';

describe('a hotspot that is switched on, with ways out', () => {
  let home: HotspotSite;
  let one: Client;
  let two: Client;
  beforeAll(async () => {
    home = await HotspotSite.create();
    const { site } = home;
    await site.node.nft(
      'add table inet foreign',
      'add chain inet foreign forward { type filter hook forward priority 5; }',
    );
    await site.start(`${onBridge}privateNetworks = ["192.168.101.0/24", "192.168.102.0/24"]\n`);
    await site.backhauld('hotspot', 'on');
    await home.untilState('active');
    [one, two] = await Promise.all([home.join('one'), home.join('two')]);
    await Promise.all([one.address('ipv6'), two.address('ipv6')]);
  });
  afterAll(async () => {
    await home[Symbol.asyncDispose]();
  });

  test('AP-2: a client is given an address of the range, and by IPv6 one of a unique local prefix', async () => {
    expect(await one.address('ipv4')).toMatch(/^192\.168\.50\.(?:1\d\d|200)$/u);
    expect(await one.address('ipv6')).toMatch(/^fd/u);
    expect(await one.routes()).toMatch(/default via fe80:/u);
    await home.site.until(({ hotspot }) => hotspot?.clients === 2, 'two clients are counted');
  });

  test('AP-2: traffic of clients leaves by the active uplink in both families, and follows it', async () => {
    await home.site.pin('eth0');
    expect(await hop(one.namespace, 'ipv4', { hops: 2 })).toBe('192.168.101.1');
    expect(await hop(one.namespace, 'ipv6', { hops: 2 })).toMatch(/^2001:db8:101:/u);
    await home.site.pin('wlan0');
    await expect.poll(() => hop(one.namespace, 'ipv4', { hops: 2 })).toBe('192.168.102.1');
    await expect.poll(() => hop(one.namespace, 'ipv6', { hops: 2 })).toMatch(/^2001:db8:102:/u);
    expect(await one.does('connect', '203.0.113.10', '7')).toBe('connected');
    expect(await one.does('connect', '2001:db8:ffff::10', '7')).toBe('connected');
  });

  test('AP-2: a forwarded connection by an uplink that dies is ended, and a new one goes by the next', async () => {
    await home.site.pin('eth0');
    await expect.poll(() => hop(one.namespace, 'ipv4', { hops: 2 })).toBe('192.168.101.1');
    expect(await one.does('connect', '203.0.113.10', '7')).toBe('connected');
    const eth0 = home.site.lab.uplink('eth0');
    await eth0.blackhole(true);
    await expect.poll(() => one.does('connect', '203.0.113.10', '7'), { timeout: 8000 }).toBe('connected');
    const left = async () =>
      home.site.node.exec('conntrack', ['--dump', '--family', 'ipv4', '--reply-dst', '192.168.101.2']);
    await expect.poll(left, { timeout: 5000 }).not.toMatch(/src=192\.168\.50\./u);
    await eth0.blackhole(false);
    await home.site.pin(null);
  });

  test('AP-3: clients reach no network of an uplink that is not the active one', async () => {
    await home.site.pin('wlan0');
    await expect.poll(() => one.does('connect', '192.168.102.1', '7')).toBe('ECONNREFUSED');
    expect(await one.does('connect', '192.168.101.1', '7')).toMatch(/^EHOSTUNREACH|ENETUNREACH$/u);
  });

  test('SECU-2: isolated clients do not reach each other by way of the node', async () => {
    const other = await two.address('ipv4');
    // On a bridge they are neighbours: here the question is put to the node.
    await one.namespace.ip(`route add ${other}/32 via ${own}`);
    expect(await answers(one.namespace, other)).toBe(false);
    expect(await answers(one.namespace, own)).toBe(true);
  });

  test('SECU-1: of the services of the node clients reach names and captive-portal checks, and no other', async () => {
    const server = home.site.node.spawn(process.execPath, [
      '-e',
      "for (const port of [22, 8080]) require('net').createServer((s) => s.end()).listen(port, '::', () => console.log('ready'))",
    ]);
    await server.line((line) => line === 'ready');
    expect(await one.does('connect', own, '22')).toBe('silence');
    expect(await one.does('connect', '192.168.102.2', '8080')).toBe('silence');
    expect(await one.does('connect', await one.address('ipv6'), '1')).toBe('ECONNREFUSED');
    expect(await one.does('connect', own, '80')).toBe('connected');
    expect(await one.does('connect', own, '53')).toBe('connected');
    await server.end();
  });

  test('AP-4: names of the node are answered, and those of others by the servers of the uplink', async () => {
    expect(await one.does('resolve', own, 'backhauld.local')).toEqual([own]);
    expect(await one.does('resolve', own, 'unheard-of.local')).toBe('ENOTFOUND');
    expect(await one.does('resolve', own, 'captive.apple.com')).not.toEqual([own]);
  });

  test('AP-3: dnsmasq that is killed is started again, and says so meanwhile', async () => {
    const [before] = await home.services();
    expect(before?.command).toMatch(/^dnsmasq /u);
    process.kill(before?.pid ?? 0, 'SIGKILL');
    await home.site.until(
      ({ problems }) => problems.some(({ code }) => code === 'hotspot.serviceFailed'),
      'it is said',
    );
    await home.site.until(
      ({ problems }) => problems.every(({ code }) => code !== 'hotspot.serviceFailed'),
      'it is over',
    );
    const [after] = await home.services();
    expect(after?.pid).not.toBe(before?.pid);
    expect(await one.does('resolve', own, 'backhauld.local')).toEqual([own]);
    await home.untilState('active');
  });

  test('ROUT-5: a table that others have flushed is put back, and theirs are left alone', async () => {
    await home.site.node.nft('delete table inet backhauld_hotspot');
    await home.site.node.ip(`address delete ${own}/24 dev ${bridge}`);
    await expect.poll(() => home.ruleset()).toContain('masquerade');
    const addresses = async () => home.site.node.exec('ip', ['-o', 'address', 'show', 'dev', bridge]);
    await expect.poll(addresses).toContain(`${own}/24`);
  });

  test('AP-2: its network is moved when an uplink has the same', async () => {
    await home.site.node.ip('address add 192.168.50.77/24 dev wwan0');
    await home.site.until(({ hotspot }) => hotspot?.address === '192.168.51.1', 'it has moved');
    await one.leave();
    one = await home.join('three');
    expect(await one.address('ipv4')).toMatch(/^192\.168\.51\.(?:1\d\d|200)$/u);
    await expect.poll(() => hop(one.namespace, 'ipv4', { hops: 2 })).toBe('192.168.102.1');
    await home.site.node.ip('address delete 192.168.50.77/24 dev wwan0');
  });

  test('AP-3: switched off, nothing of it is left; twice is no mistake', async () => {
    expect(await home.site.backhauld('hotspot', 'off')).toMatchObject({ code: 0 });
    expect(await home.site.backhauld('hotspot', 'off')).toMatchObject({ code: 0 });
    await home.untilState('inactive');
    await expect.poll(() => home.leftovers()).toEqual([]);
    expect(await home.site.node.exec('nft', ['list', 'tables'])).toContain('table inet foreign');
    expect((await home.site.stop()).code).toBe(0);
  });
});

test('AP-4: with no way out local names and captive-portal checks are answered', async () => {
  await using home = await HotspotSite.create();
  await home.site.start(onBridge);
  for (const uplink of home.site.lab.uplinks) await uplink.pull();
  await home.untilState('active');
  const client = await home.join('phone');
  expect(await client.does('resolve', own, 'backhauld.local')).toEqual([own]);
  expect(await client.does('resolve', own, 'connectivitycheck.gstatic.com')).toEqual([own]);
  expect(await client.does('resolve', own, 'www.example.org')).toMatch(/^E/u);
  expect(await client.does('get', own, '/generate_204', 'connectivitycheck.gstatic.com')).toEqual({
    status: 204,
    body: '',
  });
  expect(await client.does('get', own, '/hotspot-detect.html', 'captive.apple.com')).toMatchObject({ status: 200 });
  expect(await client.does('connect', '203.0.113.10', '7')).toMatch(/UNREACH$/u);
});

test('AP-3: what a killed daemon has left is removed by cleanup, and by the next run', async () => {
  await using home = await HotspotSite.create();
  const { site } = home;
  await site.start(onBridge);
  await site.backhauld('hotspot', 'on');
  await home.untilState('active');
  await site.daemon.kill();
  expect((await home.leftovers()).length).toBeGreaterThan(3);
  expect((await home.services()).length).toBe(0);
  expect(await site.backhauld('cleanup')).toMatchObject({ code: 0 });
  expect(await home.leftovers()).toEqual([]);
  expect(await site.changes()).toEqual([]);

  await site.daemon.start();
  await site.backhauld('hotspot', 'on');
  await home.untilState('active');
  await site.daemon.kill();
  await site.daemon.start();
  await expect.poll(() => home.leftovers(), { timeout: 5000 }).toEqual([]);
  expect(await site.stop()).toMatchObject({ code: 0, changes: [] });
});

test('AP-3: where port 53 is taken it does not open, and names the program', async () => {
  await using home = await HotspotSite.create();
  const { site } = home;
  const taker = join(site.lab.directory, 'taker.cjs');
  writeFileSync(taker, "require('dgram').createSocket('udp4').bind(53, '0.0.0.0', () => console.log('ready'))");
  const other = site.node.spawn(process.execPath, [taker]);
  await other.line((line) => line === 'ready');
  await site.start(onBridge);
  await site.backhauld('hotspot', 'on');
  const { hotspot } = await home.untilState('error');
  expect(hotspot?.problem).toMatchObject({ code: 'hotspot.portTaken', subject: 'udp port 53' });
  expect(hotspot?.problem?.message).toMatch(/node/u);
  expect(await home.leftovers()).toEqual([]);
  await other.end();
  await home.untilState('active', 30_000);
});
