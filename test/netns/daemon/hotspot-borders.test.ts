import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Namespace } from '../../../lab/namespace.ts';
import { farHost } from '../../../lab/topology.ts';
import { answers, hop } from './ways.ts';
import { bridge, HotspotSite, onBridge, type Client } from './hotspot-site.ts';

const own = '192.168.50.1';

/** Packets that a rule of the chain `met` has seen. */
async function seen(node: Namespace, what: string): Promise<number> {
  const shown = await node.exec('nft', ['list', 'table', 'inet', 'met']);
  const line = shown.split('\n').find((one) => one.includes(what)) ?? '';
  return Number(/packets (\d+)/u.exec(line)?.[1] ?? Number.NaN);
}

const forwarded = ['ipv4', 'ipv6'] as const;

describe('while a hotspot is open', () => {
  let home: HotspotSite;
  let client: Client;
  let neighbour: Namespace;
  beforeAll(async () => {
    home = await HotspotSite.create();
    const { site } = home;
    await site.node.nft(
      'add table inet met',
      'add chain inet met forward { type filter hook forward priority 10; }',
      ...forwarded.map(
        (family) => `add rule inet met forward meta nfproto ${family} iifname eth0 oifname wlan0 counter`,
      ),
      'add chain inet met output { type filter hook output priority 10; }',
      'add rule inet met output ip daddr 203.0.113.10 udp sport 53 counter',
      'add chain inet met prerouting { type filter hook prerouting priority 0; }',
    );
    await site.start(onBridge);
    await site.backhauld('hotspot', 'on');
    await home.untilState('active');
    client = await home.join('one');
    await client.address('ipv6');
    neighbour = site.lab.uplink('eth0').routerNamespace;
    await neighbour.ip(
      `route add ${own}/32 via 192.168.101.2`,
      'route replace 192.168.102.1/32 via 192.168.101.2',
      'route replace 2001:db8:102::1/128 via 2001:db8:101::2',
    );
  });
  afterAll(async () => {
    await home[Symbol.asyncDispose]();
  });

  const connect = async (from: Namespace, address: string, port: number): Promise<string> =>
    from.exec(process.execPath, [
      '-e',
      `const s = require('net').connect({ host: '${address}', port: ${port}, timeout: 1000 }, () => { console.log('connected'); s.destroy(); });
       s.on('timeout', () => { console.log('silence'); s.destroy(); }).on('error', (e) => console.log(e.code));`,
    ]);

  test('SECU-1: whoever is behind an uplink reaches nothing that is there for clients, by whatever address', async () => {
    expect((await connect(neighbour, own, 80)).trim()).toBe('silence');
    expect((await connect(neighbour, own, 53)).trim()).toBe('silence');
    expect(await client.does('connect', own, '80')).toBe('connected');
  });

  test('SECU-1: clients are guests: they reach what is beyond the uplink, and nobody in its network, private or not', async () => {
    await home.site.pin('eth0');
    await expect.poll(async () => hop(client.namespace, 'ipv4', { hops: 2 }), { timeout: 5000 }).toBe('192.168.101.1');
    for (const [beyond, beside] of [
      [farHost.ipv4, '192.168.101.1'],
      [farHost.ipv6, '2001:db8:101::1'],
    ] as const) {
      expect(await client.does('connect', beyond, String(farHost.port))).toBe('connected');
      expect(await client.does('connect', beside, '7')).toMatch(/^E(?:HOSTUNREACH|ACCES)$/u);
      expect(await answers(client.namespace, beside)).toBe(false);
    }
    // The node's own way there is not the clients'.
    expect(await answers(home.site.node, '192.168.101.1')).toBe(true);
  });

  test('SECU-1: rules that another program has flushed stand again at once', async () => {
    await home.site.node.nft('delete table inet backhauld_hotspot');
    await expect.poll(async () => home.ruleset(), { timeout: 5000 }).toContain('masquerade');
    await home.untilState('active');
    await home.site.until(
      ({ problems }) => problems.every(({ code }) => code !== 'hotspot.serviceFailed'),
      'it is over',
    );
  });

  test('AP-2: whoever is behind an uplink is given no address by the node', async () => {
    await neighbour.nft('add table inet met', 'add chain inet met i { type filter hook input priority -10; }');
    await neighbour.nft('add rule inet met i iifname lan udp sport 67 counter');
    const asked = neighbour.spawn('udhcpc', ['-f', '-n', '-i', 'lan', '-s', '/bin/true', '-t', '2', '-T', '1']);
    await asked.line((line) => line.includes('no lease'));
    expect(await seen(neighbour, 'sport 67')).toBe(0);
  });

  test('ROUT-10: the node is no router between uplinks', async () => {
    // The rules are made anew while the uplinks forward already.
    await home.site.pin('wlan0');
    await expect.poll(async () => hop(client.namespace, 'ipv4', { hops: 2 }), { timeout: 5000 }).toBe('192.168.102.1');
    await connect(neighbour, '192.168.102.1', 7);
    await connect(neighbour, '2001:db8:102::1', 7);
    for (const family of forwarded) {
      // oxlint-disable-next-line no-await-in-loop
      expect(await seen(home.site.node, `nfproto ${family}`)).toBe(0);
    }
  });

  test('SECU-1: a client that calls itself by another address is not answered', async () => {
    await client.namespace.ip('address add 203.0.113.10/32 dev eth0');
    await client.namespace.exec(process.execPath, [
      '-e',
      `const s = require('dgram').createSocket('udp4');
       s.bind(0, '203.0.113.10', () => s.send(Buffer.from('00010100000100000000000009' + Buffer.from('backhauld').toString('hex') + '05' + Buffer.from('local').toString('hex') + '0000010001', 'hex'), 53, '${own}', () => setTimeout(() => s.close(), 300)));`,
    ]);
    expect(await seen(home.site.node, '203.0.113.10')).toBe(0);
  });

  test('AP-4: who begins to ask for a page and never ends is not waited for', async () => {
    const said = await client.namespace.exec(process.execPath, [
      '-e',
      `const s = require('net').connect(80, '${own}', () => s.write('GET / HTTP/1.1\\r\\nhost: x'));
       const from = performance.now();
       s.on('data', () => {}).on('error', () => {}).on('close', () => console.log(performance.now() - from < 10000));`,
    ]);
    expect(said.trim()).toBe('true');
  });

  test('SECU-1: a client that says it is a router is not believed', async () => {
    const { node } = home.site;
    await node.sysctl(`net.ipv6.conf.${bridge}.accept_ra=2`);
    const shown = await client.namespace.exec('ip', ['-br', 'link', 'show', 'dev', 'eth0']);
    const mac = /(?:[\da-f]{2}:){5}[\da-f]{2}/u.exec(shown)?.[0] ?? '';
    await node.nft(`add rule inet met prerouting ether saddr ${mac} icmpv6 type nd-router-advert counter`);
    const router = client.namespace.spawn('dnsmasq', [
      '--keep-in-foreground',
      '--conf-file=/dev/null',
      '--port=0',
      '--pid-file=',
      '--user=root',
      '--log-facility=-',
      '--interface=eth0',
      '--enable-ra',
      '--dhcp-range=::,constructor:eth0,ra-only,64',
    ]);
    await expect.poll(async () => seen(node, 'nd-router-advert'), { timeout: 15_000 }).toBeGreaterThan(0);
    // Had it been believed, that would have happened before the second one, which comes within 16 s.
    await expect.poll(async () => seen(node, 'nd-router-advert'), { timeout: 25_000 }).toBeGreaterThan(1);
    expect(await node.exec('ip', ['-6', 'route', 'show', 'table', 'all', 'default', 'dev', bridge])).toBe('');
    await router.end();
  });
});

test('ROUT-10: a node that was a router before the hotspot came remains one', async () => {
  await using home = await HotspotSite.create();
  const { site } = home;
  await site.node.sysctl('net.ipv4.conf.eth0.forwarding=1', 'net.ipv6.conf.all.forwarding=1');
  await site.node.nft(
    'add table inet met',
    'add chain inet met forward { type filter hook forward priority 10; }',
    ...forwarded.map((family) => `add rule inet met forward meta nfproto ${family} iifname eth0 oifname wlan0 counter`),
  );
  await site.start(onBridge);
  await site.backhauld('hotspot', 'on');
  await home.untilState('active');
  const neighbour = site.lab.uplink('eth0').routerNamespace;
  await neighbour.ip(
    'route replace 192.168.102.1/32 via 192.168.101.2',
    'route replace 2001:db8:102::1/128 via 2001:db8:101::2',
  );
  await Promise.all(
    ['192.168.102.1', '2001:db8:102::1'].map(async (address) =>
      neighbour.exec(process.execPath, [
        '-e',
        `const s = require('net').connect({ host: '${address}', port: 7, timeout: 500 }); s.on('timeout', () => s.destroy()).on('error', () => {});`,
      ]),
    ),
  );
  for (const family of forwarded) {
    // oxlint-disable-next-line no-await-in-loop
    expect(await seen(site.node, `nfproto ${family}`)).toBeGreaterThan(0);
  }
});

test('AP-3: an address that the interface had before is not taken away with the hotspot', async () => {
  await using home = await HotspotSite.create();
  const { site } = home;
  await site.node.ip(`address add ${own}/24 dev ${bridge}`);
  await site.start(onBridge);
  await site.backhauld('hotspot', 'on');
  await home.untilState('active');
  await site.backhauld('hotspot', 'off');
  await home.untilState('inactive');
  const addresses = await site.node.exec('ip', ['-o', 'address', 'show', 'dev', bridge, 'scope', 'global']);
  expect(addresses.trim().split('\n')).toMatchObject([expect.stringContaining(`inet ${own}/24`)]);
});
