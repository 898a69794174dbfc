import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Meter } from '../../../lab/meter.ts';
import { givenBack, interfaceOf, problemCodes, quick, Site } from './site.ts';
import { answers } from './ways.ts';

const gateway = '192.168.42.129';
const addressOf = { usb0: '192.168.42.2', usb1: '192.168.42.3' } as const;
const phones = [
  { name: 'usb0', number: 104, metric: 100, hasIpv6: false },
  { name: 'usb1', number: 105, metric: 200, hasIpv6: false },
] as const;
/** Phones cost money, and are probed as rarely as that asks for, unless someone says otherwise. Their addresses are set by hand. */
const generous = `${quick}
[usbTether]
enableDhcp = false
[[uplink]]
match = "usb*"
policy = "unrestricted"
`;

/** Two phones that both give out 192.168.42.0/24 and are its 192.168.42.129. */
async function plugPhones(addresses: readonly string[]): Promise<Site> {
  const site = await Site.create({ uplinks: phones, addressed: false });
  for (const [position, { name, metric }] of phones.entries()) {
    const { routerNamespace } = site.lab.uplink(name);
    await routerNamespace.ip(`address add ${gateway}/24 dev lan`);
    await site.node.ip(
      `address add ${addresses[position]}/24 dev ${name}`,
      `route add default via ${gateway} dev ${name} metric ${metric}`,
    );
  }
  return site;
}

describe('ROUT-2: two phones with the same subnet and the same gateway', () => {
  let site: Site;
  let meter: Meter;
  beforeAll(async () => {
    site = await plugPhones(Object.values(addressOf));
    meter = await site.lab.meter();
    await site.start(generous);
  });
  afterAll(async () => {
    await site[Symbol.asyncDispose]();
  });

  test('are both probed, each by its own link', async () => {
    const status = await site.daemon.status();
    for (const { name } of phones) {
      expect(interfaceOf(status, name)).toMatchObject({
        verdict: { ipv4: 'healthy' },
        gateways: { ipv4: gateway },
        candidate: true,
      });
      expect(await answers(site.node, '-I', name, '1.1.1.1')).toBe(true);
    }
    expect(status.problems).toEqual([]);
  });

  test('a dead one is told from a living one: its probes are not answered by the other', async () => {
    const [used, other] = (await site.daemon.status()).active.ipv4?.iface === 'usb0' ? [0, 1] : [1, 0];
    const dead = phones[other ?? 0];
    await site.lab.uplink(dead?.name ?? '').blackhole(true);
    const status = await site.until(
      (now) => interfaceOf(now, dead?.name ?? '')?.verdict.ipv4 === 'failed',
      'the dead one is known',
    );
    expect(interfaceOf(status, phones[used ?? 0]?.name ?? '')?.verdict.ipv4).toBe('healthy');
    await site.lab.uplink(dead?.name ?? '').blackhole(false);
    await site.until((now) => interfaceOf(now, dead?.name ?? '')?.verdict.ipv4 === 'healthy', 'it is back');
  });

  test.each(phones)(
    'the traffic, and what is meant for the gateway, goes to $name while that is active',
    async ({ name }) => {
      const other = phones.find((phone) => phone.name !== name);
      const { routerNamespace } = site.lab.uplink(other?.name ?? '');
      await site.pin(name);
      await meter.until(({ uplink, silentMs }) => uplink === name && silentMs < 20, `traffic by ${name}`);
      // Only the active one answers: whether the right one is asked shows.
      await routerNamespace.nft(
        'add table ip mute',
        'add chain ip mute input { type filter hook input priority 0; }',
        `add rule ip mute input ip daddr ${gateway} icmp type echo-request drop`,
      );
      expect(await answers(site.node, gateway)).toBe(true);
      // From its address, each asks its own: that one is mute for the other.
      expect(await answers(site.node, '-I', addressOf[name], gateway)).toBe(true);
      expect(await answers(site.node, '-I', addressOf[other?.name ?? name], gateway)).toBe(false);
      expect(await answers(site.node, '-I', addressOf[other?.name ?? name], '1.1.1.1')).toBe(true);
      await routerNamespace.nft('delete table ip mute');
      expect(await answers(site.node, '-I', addressOf[other?.name ?? name], gateway)).toBe(true);
    },
  );

  test('a switch from one to the other and back loses nothing', async () => {
    await meter.report();
    meter.reset();
    for (const { name } of [...phones, ...phones]) {
      await site.pin(name);
      await meter.until(({ uplink }) => uplink === name, `traffic by ${name}`);
    }
    expect((await meter.report()).lost).toBe(0);
  });

  test('at the end the network is as it was found', async () => {
    expect(await site.stop()).toEqual(givenBack);
  });
});

test('DISC-5: of two interfaces with the same address one is a candidate, and that is reported', async () => {
  await using site = await plugPhones(['192.168.42.2', '192.168.42.2']);
  const meter = await site.lab.meter();
  const status = await site.start(generous);
  expect(problemCodes(status)).toEqual(['uplink.duplicateAddress']);
  expect(status.problems[0]?.message).toMatch(/usb0.*usb1|usb1.*usb0/u);
  expect(status.interfaces.map(({ name, candidate }) => [name, candidate])).toEqual([
    ['usb0', true],
    ['usb1', false],
  ]);
  expect(status.active.ipv4?.iface).toBe('usb0');
  await meter.until(({ uplink, silentMs }) => uplink === 'usb0' && silentMs < 20, 'traffic by usb0');
  // The better one goes: the other one may use the address.
  await site.lab.uplink('usb0').pull();
  await site.untilActive('usb1');
  await meter.until(({ uplink, silentMs }) => uplink === 'usb1' && silentMs < 20, 'traffic by usb1');
  expect(problemCodes(await site.daemon.status())).toEqual([]);
  await site.lab.uplink('usb0').plug();
  await site.lab.uplink('usb0').untilCarrier(true);
  expect(await site.stop()).toEqual(givenBack);
});
