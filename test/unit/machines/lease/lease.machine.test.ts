import { describe, expect, test } from 'vitest';
import { defaultConfig } from '../../../../src/model/config.ts';
import type { Lease } from '../../../../src/model/lease.ts';
import { milliseconds, minutes, seconds } from '../../../../src/model/units.ts';
import { address, facts } from '../examples.ts';
import { ethernetWithDhcp, lease, managedFacts, noAddresses, PhoneBench, readyPhone } from '../phone-bench.ts';

const cable = (overrides = {}) => facts({ index: 2, name: 'eth0', ...noAddresses, ...overrides });

/** A cable whose lease backhauld holds. */
function plugged(overrides = {}): PhoneBench {
  const node = new PhoneBench(ethernetWithDhcp);
  node.observe();
  node.find(cable(overrides));
  return node;
}

const office = lease({ address: '10.0.2.5', gateway: '10.0.2.1', dns: ['10.0.2.1'] });
const renumbered = lease({ address: '10.9.9.5', gateway: '10.9.9.1', dns: ['10.9.9.1'] });

function leased(held: Lease = office): PhoneBench {
  const node = plugged();
  node.bind(2, held);
  for (let round = 0; round < 3; round++) node.good(2);
  node.wait(60_000);
  return node;
}

describe('DISC-6: the lease that backhauld holds', () => {
  test('is asked for while the link has carrier, and its gateway leads out', () => {
    const node = plugged({ hasCarrier: false });
    expect(node.leases).toEqual([]);
    node.change(2, { hasCarrier: true });
    expect(node.leases).toEqual([{ index: 2, name: 'eth0', request: 1, timeout: 30_000 }]);
    node.bind(2, office);
    expect(node.interface('eth0')).toMatchObject({ candidate: true, gateways: { ipv4: '10.0.2.1' } });
    expect(node.tethers).toEqual([]);
  });

  test('stands before a route that another program has set, and before the configuration', () => {
    const node = leased();
    node.change(2, {
      defaultRoutes: [{ family: 'ipv4', gateway: '10.0.2.77', table: 254, metric: 1, protocol: 4 }],
    });
    expect(node.interface('eth0')?.gateways.ipv4).toBe('10.0.2.1');
  });

  test('leads nowhere before its address is there, and while it is gone; it is put back', () => {
    const node = plugged();
    node.send({ type: 'lease.bound', index: 2, lease: office });
    expect(node.interface('eth0')?.gateways.ipv4).toBeNull();
    node.bind(2, office);
    node.change(2, noAddresses);
    expect(node.interface('eth0')?.candidate).toBe(false);
    expect(node.context.intent.network.leases).toEqual([{ index: 2, name: 'eth0', lease: office }]);
  });

  test('with a gateway outside its network is used, and that is said', () => {
    const node = plugged();
    node.bind(2, lease({ address: '10.0.2.5', prefixLength: 32, gateway: '100.64.0.1' }));
    expect(node.interface('eth0')).toMatchObject({ candidate: true, usable: { ipv4: true } });
    expect(node.status.problems).toMatchObject([
      { code: 'uplink.gatewayOutsideSubnet', remedy: 'the lease names it, so it is used as an on-link gateway' },
    ]);
  });

  test('without a gateway leads by the configured one', () => {
    const [entry] = ethernetWithDhcp.uplinks;
    const gateway = { ipv4: '10.0.2.254', ipv6: null };
    const node = new PhoneBench({ ...ethernetWithDhcp, uplinks: entry === undefined ? [] : [{ ...entry, gateway }] });
    node.observe();
    node.find(cable());
    node.bind(2, lease({ address: '10.0.2.5', gateway: null }));
    expect(node.interface('eth0')?.gateways.ipv4).toBe('10.0.2.254');
  });

  test('in a network that another uplink is in behind another gateway is told as a conflict, and used', () => {
    const node = leased();
    const route = { family: 'ipv4', gateway: '10.0.2.254', table: 254, metric: 1, protocol: 16 } as const;
    node.find(
      facts({
        index: 3,
        name: 'wlan0',
        addresses: { ipv4: [address('10.0.2.9')], ipv6: [] },
        defaultRoutes: [route],
      }),
    );
    expect(node.status.problems).toMatchObject([{ code: 'lease.conflict', subject: 'eth0' }]);
    node.change(3, { defaultRoutes: [{ ...route, gateway: '10.0.2.1' }] });
    expect(node.status.problems, 'two links into one network').toEqual([]);
  });
});

describe('a lease that is asked for in vain', () => {
  test('is asked for anew, more rarely each time, and once more at once when the cable is plugged in again', () => {
    const node = plugged();
    const problem = { code: 'lease.invalid', message: 'an address of class E', subject: 'eth0' } as const;
    node.send({ type: 'lease.failed', index: 2, problem });
    expect(node.status.problems).toEqual([problem]);
    expect(node.request(2), 'asking goes on').toBe(1);
    node.wait(4999);
    expect(node.request(2)).toBe(1);
    node.wait(1);
    expect(node.request(2)).toBe(2);
    node.wait(31_000);
    expect(node.status.problems).toMatchObject([
      { code: 'lease.none', message: /no DHCP server on eth0 has granted a lease within 30 s/u },
    ]);
    node.wait(9999);
    expect(node.request(2)).toBe(2);
    node.wait(1);
    expect(node.request(2)).toBe(3);
    node.wait(31_000);
    node.change(2, { hasCarrier: false });
    expect(node.leases).toEqual([]);
    node.change(2, { hasCarrier: true });
    expect(node.request(2)).toBe(4);
    node.bind(2, office);
    expect(node.status.problems).toEqual([]);
  });

  test('waits at most five minutes', () => {
    const node = plugged();
    for (let retry = 0; retry < 12; retry++) node.wait(31_000 + 300_000);
    const before = node.request(2) ?? 0;
    node.wait(31_000 + 300_000);
    expect(node.request(2)).toBe(before + 1);
  });

  test('is not begun anew at once by a program that ends at once', () => {
    const node = plugged();
    for (let end = 0; end < 5; end++) node.send({ type: 'lease.lost', index: 2, because: 'clientEnded' });
    expect(node.request(2)).toBe(1);
  });
});

describe('a lease that is held', () => {
  test('ends with its time, also when nobody tells so', () => {
    const node = plugged();
    node.bind(2, { ...office, duration: minutes(10) });
    node.wait(minutes(10) - 1);
    expect(node.context.intent.network.leases).toHaveLength(1);
    node.wait(1);
    expect(node.context.intent.network).not.toHaveProperty('leases');
    expect(node.request(2)).toBe(2);
  });

  test('of a second is held for ten', () => {
    const node = plugged();
    node.bind(2, { ...office, duration: seconds(1) });
    node.wait(9999);
    expect(node.context.intent.network.leases).toHaveLength(1);
    node.wait(1);
    expect(node.context.intent.network).not.toHaveProperty('leases');
  });

  test('that is renewed begins anew', () => {
    const node = plugged();
    node.bind(2, { ...office, duration: minutes(10) });
    node.wait(minutes(6));
    node.send({ type: 'lease.bound', index: 2, lease: { ...office, duration: minutes(10) } });
    node.wait(minutes(9));
    expect(node.context.intent.network.leases).toHaveLength(1);
  });

  test.each([
    ['for ever', null],
    ['sixty days', milliseconds(60 * 86_400_000)],
  ])('%s outlasts every timer', (_, duration) => {
    const node = plugged();
    node.bind(2, { ...office, duration });
    node.wait(59 * 86_400_000);
    expect(node.context.intent.network.leases).toHaveLength(1);
    expect(node.request(2)).toBe(1);
    node.wait(86_400_000);
    expect(node.context.intent.network.leases === undefined).toBe(duration !== null);
  });

  test('is gone when the server refuses to renew it', () => {
    const node = leased();
    node.unbind(2, 'refused');
    expect(node.context.intent.network).not.toHaveProperty('leases');
    expect(node.request(2)).toBe(2);
  });

  test('outlives the program that renews it, which is started again', () => {
    const node = leased();
    node.unbind(2, 'clientEnded');
    expect(node.context.intent.network.leases).toHaveLength(1);
    expect(node.request(2)).toBe(2);
    node.unbind(2, 'clientEnded');
    expect(node.request(2)).toBe(2);
    node.wait(5000);
    expect(node.request(2), 'the way by it works').toBe(2);
    expect(node.interface('eth0')?.candidate).toBe(true);
  });

  test('outlives the actor that holds it: not for an instant does it lead nowhere', () => {
    const node = leased();
    const path = node.context.ways.get(2)?.pathIds.ipv4;
    const held: unknown[] = [];
    node.actor.subscribe(({ context }) => held.push(context.intent.network.leases?.length));
    const actorId = 'lease 2';
    node.actor.send({ type: `xstate.error.actor.${actorId}`, actorId, error: new Error('broken on purpose') });
    node.wait(100);
    expect(node.request(2)).toBeGreaterThan(1);
    expect(new Set(held)).toEqual(new Set([1]));
    expect(node.context.ways.get(2)?.pathIds.ipv4).toBe(path);
    expect(node.interface('eth0')?.verdict.ipv4).toBe('healthy');
    node.wait(minutes(60));
    expect(node.context.intent.network, 'it ends all the same').not.toHaveProperty('leases');
  });

  test('outlives a cable that is pulled for a moment, and is asked for anew', () => {
    const node = leased();
    node.change(2, { hasCarrier: false });
    expect(node.context.intent.network.leases).toHaveLength(1);
    expect(node.request(2)).toBe(1);
    node.change(2, { hasCarrier: true });
    expect(node.interface('eth0')?.candidate).toBe(true);
    expect(node.request(2)).toBe(2);
  });

  test('is as old as it is after a sleep', () => {
    const node = plugged();
    node.bind(2, { ...office, duration: minutes(10) });
    node.send({ type: 'node.resumed', slept: minutes(5) });
    expect(node.request(2), 'nobody knows what was meanwhile').toBe(2);
    node.wait(minutes(5) - 1);
    expect(node.context.intent.network.leases).toHaveLength(1);
    node.wait(1);
    expect(node.context.intent.network).not.toHaveProperty('leases');
    node.bind(2, { ...office, duration: minutes(10) });
    node.send({ type: 'node.resumed', slept: minutes(10) });
    expect(node.context.intent.network).not.toHaveProperty('leases');
  });
});

describe('DISC-6: a network that is numbered anew', () => {
  test('is joined when its gateway does not answer: the lease is asked for at once, and kept until there is another', () => {
    const node = leased();
    node.send({ type: 'uplink.suspected', index: 2, family: 'ipv4', signal: 'stalled' });
    node.send({ type: 'uplink.suspected', index: 2, family: 'ipv6', signal: 'neighbourFailed' });
    expect(node.request(2)).toBe(1);
    node.send({ type: 'uplink.suspected', index: 2, family: 'ipv4', signal: 'neighbourFailed' });
    expect(node.request(2)).toBe(2);
    expect(node.interface('eth0')?.gateways.ipv4).toBe('10.0.2.1');
    node.send({ type: 'lease.bound', index: 2, lease: renumbered });
    expect(node.interface('eth0')?.gateways.ipv4, 'until the new address is there').toBe('10.0.2.1');
    node.change(2, { addresses: { ipv4: [address('10.0.2.5'), address('10.9.9.5')], ipv6: [] } });
    expect(node.interface('eth0')?.gateways.ipv4).toBe('10.9.9.1');
    expect(node.context.intent.network.uplinks[0]?.paths.ipv4?.addresses[0]?.address).toBe('10.9.9.5');
    node.change(2, { addresses: { ipv4: [address('10.9.9.5')], ipv6: [] } });
    expect(node.status.problems).toEqual([]);
  });

  test('is joined when nothing answers any more', () => {
    const node = leased();
    node.bad(2);
    expect(node.request(2)).toBe(1);
    node.bad(2);
    expect(node.interface('eth0')?.verdict.ipv4).toBe('failed');
    expect(node.request(2)).toBe(2);
  });

  test('is asked for again and again while nobody answers, until an answer to a probe tells that nothing was wrong', () => {
    const node = leased();
    node.bad(2);
    node.bad(2);
    node.wait(31_000 + 5000);
    expect(node.request(2)).toBe(3);
    const problem = { code: 'lease.none', message: 'no answer', subject: 'eth0' } as const;
    node.send({ type: 'lease.failed', index: 2, problem });
    expect(node.status.problems).toEqual([]);
    node.wait(10_000);
    expect(node.request(2)).toBe(4);
    for (let round = 0; round < 3; round++) node.good(2);
    node.wait(3_000_000);
    expect(node.request(2)).toBe(4);
    expect(node.context.intent.network.leases, 'it was kept all the time').toHaveLength(1);
  });

  test('is not asked for more often than each ten seconds by verdicts that come and go', () => {
    const node = leased();
    for (let flap = 0; flap < 4; flap++) {
      node.bad(2);
      node.bad(2);
      for (let round = 0; round < 3; round++) node.good(2);
      node.wait(1000);
    }
    expect(node.request(2)).toBe(2);
  });

  test('whose gateway is doubted while its way works is believed again', () => {
    const node = leased();
    node.send({ type: 'uplink.suspected', index: 2, family: 'ipv4', signal: 'neighbourFailed' });
    node.wait(31_000 + 5000 + 3_000_000);
    expect(node.request(2)).toBe(2);
  });
});

describe('TETH-2: a lease that another manager holds', () => {
  test('is not asked for; the uplink is used as it is, and that is said', () => {
    const node = plugged(managedFacts);
    expect(node.leases).toEqual([]);
    expect(node.interface('eth0')).toMatchObject({ candidate: true, gateways: { ipv4: '192.168.42.129' } });
    expect(node.status.problems).toMatchObject([{ code: 'uplink.managedElsewhere', subject: 'eth0' }]);
  });

  test('is taken over once that one has left, not when it only lost its own', () => {
    const node = plugged(managedFacts);
    node.change(2, noAddresses);
    node.wait(29_999);
    node.change(2, managedFacts);
    node.wait(60_000);
    expect(node.leases).toEqual([]);
    node.change(2, { ...noAddresses, hasCarrier: false });
    node.wait(60_000);
    node.change(2, { hasCarrier: true });
    expect(node.leases, 'it may only have waited for carrier').toEqual([]);
    node.wait(30_000);
    expect(node.request(2)).toBe(1);
  });

  test('is let go when that one begins', () => {
    const node = leased();
    node.change(2, {
      addresses: { ipv4: [address('10.0.2.5'), address('10.0.2.6')], ipv6: [] },
      defaultRoutes: [],
    });
    expect(node.leases, 'an address alone may be an operator’s').toHaveLength(1);
    node.change(2, managedFacts);
    expect(node.leases).toEqual([]);
    expect(node.context.intent.network).not.toHaveProperty('leases');
  });

  test('is not to be mistaken for an address that was leased here and is not taken away yet', () => {
    const node = leased();
    node.send({ type: 'lease.lost', index: 2, because: 'refused' });
    expect(node.request(2)).toBe(2);
    expect(node.status.problems).toEqual([]);
  });

  test('is not to be mistaken for it either by an actor that failed meanwhile', () => {
    const node = leased();
    node.send({ type: 'lease.lost', index: 2, because: 'refused' });
    const actorId = 'lease 2';
    node.actor.send({ type: `xstate.error.actor.${actorId}`, actorId, error: new Error('broken on purpose') });
    node.wait(100);
    expect(node.request(2), 'it is asked for anew').toBe(3);
    expect(node.status.problems).toEqual([]);
    node.change(2, noAddresses);
    node.change(2, { addresses: { ipv4: [address('10.0.2.5')], ipv6: [] } });
    expect(node.status.problems, 'whoever puts it there later').toMatchObject([{ code: 'uplink.managedElsewhere' }]);
  });
});

describe('ROUT-8: a lease of the run before', () => {
  test('is gone on with: its address is no other manager’s, and it is asked for at once', () => {
    const node = plugged({ addresses: { ipv4: [address('10.0.2.5')], ipv6: [] } });
    expect(node.status.problems).toMatchObject([{ code: 'uplink.managedElsewhere' }]);
    node.send({ type: 'lease.remembered', index: 2, lease: { ...office, duration: seconds(90) } });
    expect(node.status.problems).toEqual([]);
    expect(node.context.intent.network.leases).toHaveLength(1);
    expect(node.interface('eth0')?.gateways.ipv4).toBe('10.0.2.1');
    expect(node.request(2)).toBe(1);
    node.wait(90_000);
    expect(node.context.intent.network).not.toHaveProperty('leases');
  });

  test('waits for carrier', () => {
    const node = plugged({ hasCarrier: false, addresses: { ipv4: [address('10.0.2.5')], ipv6: [] } });
    node.send({ type: 'lease.remembered', index: 2, lease: office });
    expect(node.context.intent.network.leases).toHaveLength(1);
    node.change(2, { hasCarrier: true });
    expect(node.interface('eth0')?.gateways.ipv4).toBe('10.0.2.1');
  });

  test('keeps a phone that carried traffic in use', () => {
    const node = new PhoneBench(defaultConfig);
    node.find({ ...(readyPhone().context.uplinks.get(5)?.facts ?? facts()), index: 5 });
    node.send({ type: 'lease.remembered', index: 5, lease: lease() });
    node.observe({ ipv4: 5 });
    expect(node.activeName).toBe('usb0');
    expect(node.tether).toMatchObject({ state: 'ready', managedBy: 'backhauld' });
    expect(node.switches).toEqual([]);
  });
});
