import { describe, expect, test } from 'vitest';
import { factsOf, statusOf } from '../../../../src/machines/status/status.selectors.ts';
import { instant } from '../../../../src/model/units.ts';
import { address, answered, facts, lost, targets } from '../examples.ts';
import { NodeBench, threeUplinks } from '../node-bench.ts';

const wifiCard = { driver: 'brcmfmac', deviceType: 'wlan', bus: 'sdio', usb: null };
const bySixRouter = { family: 'ipv6', gateway: 'fe80::1', table: 254, metric: 100, protocol: 9 } as const;
const never = { lastSuccess: null, lastFailure: null };
const unmeasured = {
  totalProbes: 0,
  successfulProbes: 0,
  failedProbes: 0,
  avgRttMs: null,
  minRttMs: null,
  maxRttMs: null,
  p95RttMs: null,
  jitterMs: null,
  packetLossPercent: 0,
  consecutiveFailures: 0,
  ...never,
};

/** eth0 in both families, wlan0 with a lost round, wwan0 without carrier; found in an order of no meaning. */
function busyNode(): NodeBench {
  const node = new NodeBench();
  node.clock.advance(1000);
  node.find(facts({ index: 12, name: 'wwan0', hasCarrier: false, macAddress: null, mtu: 1430 }));
  node.find(facts({ index: 11, name: 'wlan0', device: wifiCard }));
  const addresses = { ipv4: [address('10.0.9.5')], ipv6: [address('2001:db8::5', 64)] };
  const defaultRoutes = [...facts({ index: 9 }).defaultRoutes, bySixRouter];
  node.find(facts({ index: 9, name: 'eth0', addresses, defaultRoutes }));
  node.observe();
  node.good(9, 33);
  node.probe(9, [answered('six', 10)], 'ipv6');
  node.good(11, 20);
  node.clock.advance(4000);
  node.probe(11, [lost(targets[0]), lost(targets[1])]);
  return node;
}

describe('the facts of an interface', () => {
  test('are those that its actor knows, and none without one', () => {
    const node = busyNode();
    node.change(9, { mtu: 1280 });
    const snapshot = node.actor.getSnapshot();
    expect([factsOf(snapshot, 9)?.mtu, factsOf(snapshot, 77)]).toEqual([1280, null]);
  });
});

describe('the status', () => {
  test('tells everything that is known of an uplink in use, of both its families', () => {
    const node = busyNode();
    node.clock.advance(500.5);
    const scores = {
      ipv4: { total: 1050, latency: 250, loss: 200, success: 500, bias: 100 },
      ipv6: { total: 1085, latency: 285, loss: 200, success: 500, bias: 100 },
    };
    const answeredOnce = { ...unmeasured, lastSuccess: '1970-01-01T00:00:01.000Z' };
    expect(node.interface('eth0')).toEqual({
      name: 'eth0',
      ifindex: 9,
      type: 'ethernet',
      evidence: 'its name matches eth*',
      isUp: true,
      hasCarrier: true,
      hasAddress: true,
      mtu: 1500,
      macAddress: '02:00:00:00:00:01',
      ipv4Addresses: [address('10.0.9.5')],
      ipv6Addresses: [address('2001:db8::5', 64)],
      gateways: { ipv4: '10.0.9.1', ipv6: 'fe80::1' },
      driver: null,
      state: 'probing',
      since: '1970-01-01T00:00:01.000Z',
      verdict: { ipv4: 'healthy', ipv6: 'healthy' },
      holdDown: { to: 'up', remainingMs: 5500 },
      candidate: true,
      notCandidateBecause: null,
      usable: { ipv4: true, ipv6: true },
      reachable: { ipv4: true, ipv6: true },
      damping: { merit: 0, suppressed: false, reuseInMs: null },
      score: scores.ipv6,
      scores,
      stats: {
        ipv4: {
          ...answeredOnce,
          totalProbes: 2,
          successfulProbes: 2,
          avgRttMs: 33,
          minRttMs: 33,
          maxRttMs: 33,
          p95RttMs: 33,
        },
        ipv6: {
          ...answeredOnce,
          totalProbes: 1,
          successfulProbes: 1,
          avgRttMs: 10,
          minRttMs: 10,
          maxRttMs: 10,
          p95RttMs: 10,
        },
      },
      policy: 'unrestricted',
      usage: null,
      modem: null,
    });
  });

  test('tells of a lossy uplink what it lost and when, and which of its families have no way out', () => {
    expect(busyNode().interface('wlan0')).toMatchObject({
      evidence: 'its device type is wlan',
      driver: 'brcmfmac',
      gateways: { ipv4: '10.0.11.1', ipv6: null },
      hasAddress: true,
      ipv6Addresses: [],
      holdDown: { to: 'degraded', remainingMs: 1000 },
      usable: { ipv4: true, ipv6: false },
      reachable: { ipv4: true, ipv6: false },
      score: { total: 600, loss: 0 },
      stats: {
        ipv4: {
          totalProbes: 4,
          failedProbes: 2,
          packetLossPercent: 50,
          consecutiveFailures: 1,
          lastSuccess: '1970-01-01T00:00:01.000Z',
          lastFailure: '1970-01-01T00:00:05.000Z',
        },
        ipv6: unmeasured,
      },
    });
  });

  test('tells of an uplink without carrier that it is no candidate, and why', () => {
    expect(busyNode().interface('wwan0')).toMatchObject({
      isUp: true,
      hasCarrier: false,
      mtu: 1430,
      macAddress: null,
      state: 'down',
      holdDown: null,
      candidate: false,
      notCandidateBecause: 'it has no carrier',
      usable: { ipv4: false, ipv6: false },
      reachable: { ipv4: false, ipv6: false },
      stats: { ipv4: unmeasured, ipv6: unmeasured },
    });
  });

  test('lists the interfaces in the order of their indexes, and the ranking by name', () => {
    const { interfaces, ranking, ...rest } = busyNode().status;
    expect(interfaces.map(({ name }) => name)).toEqual(['eth0', 'wlan0', 'wwan0']);
    expect(ranking).toEqual({ ipv4: ['eth0', 'wlan0'], ipv6: ['eth0'] });
    expect(rest).toMatchObject({ pinned: null, blamedTargets: [], hotspot: null, tethers: [], budgets: [] });
  });

  test('tells who is active, since when, with which score, by which rule and why', () => {
    expect(busyNode().status.active).toEqual({
      ipv4: {
        iface: 'eth0',
        state: 'probing',
        score: 1050,
        since: '1970-01-01T00:00:01.000Z',
        rule: 'score',
        because: 'eth0 scores 300, wlan0 scores 280',
      },
      ipv6: {
        iface: 'eth0',
        state: 'probing',
        score: 1085,
        since: '1970-01-01T00:00:01.000Z',
        rule: 'usable',
        because: 'eth0 has a way out, wlan0 has no way out; their scores are 300 and 280',
      },
    });
  });

  test('names the uplink that a target is blamed on, and none where it is blamed on all', () => {
    const node = busyNode();
    node.send({ type: 'target.blamed', family: 'ipv4', target: targets[1], index: null });
    node.send({ type: 'target.blamed', family: 'ipv6', target: 'six', index: 9 });
    expect(node.status.blamedTargets).toEqual([
      { family: 'ipv4', target: targets[1], iface: null },
      { family: 'ipv6', target: 'six', iface: 'eth0' },
    ]);
    node.send({ type: 'target.blamed', family: 'ipv4', target: targets[0], index: 77 });
    expect(node.status.blamedTargets[2]?.iface).toBe('interface 77');
  });

  test('shows the pinned uplink', () => {
    const node = busyNode();
    node.send({ type: 'command.pin', name: 'wlan0' });
    expect(node.status.pinned).toBe('wlan0');
  });

  test('shows figures without their fractions', () => {
    const node = threeUplinks();
    node.good(2, 33.3);
    expect(node.active()?.score).toBe(1050);
    expect(node.interface('eth0')?.score).toMatchObject({ total: 1050, latency: 250 });
  });

  test('shows the penalty of a flapping uplink, and the time until it is reused', () => {
    const node = threeUplinks();
    for (let i = 0; i < 3; i++) {
      node.change(2, { hasCarrier: false });
      node.change(2, { hasCarrier: true });
    }
    node.clock.advance(1000);
    // 3000 × 2^(−1/60), and 750 is reached two half-lives after the last loss.
    expect(node.interface('eth0')?.damping).toEqual({ merit: 2965, suppressed: true, reuseInMs: 119_001 });
    expect(node.interface('wlan0')?.damping).toEqual({ merit: 0, suppressed: false, reuseInMs: null });
  });

  test('calls an uplink usable but not reachable when its probes fail', () => {
    const node = threeUplinks();
    node.good(2);
    for (let i = 0; i < 2; i++) node.bad(3);
    expect(node.interface('wlan0')).toMatchObject({ usable: { ipv4: true }, reachable: { ipv4: false } });
  });

  test('shows no time that remains of a hold-down that is over', () => {
    const node = threeUplinks();
    node.good(2);
    const late = statusOf(node.actor.getSnapshot(), instant(60_000), String);
    expect(late.interfaces[0]?.holdDown).toEqual({ to: 'up', remainingMs: 0 });
  });

  test('tells of an interface without any address that it has none', () => {
    const node = new NodeBench();
    node.find(facts({ addresses: { ipv4: [], ipv6: [] } }));
    expect(node.interface('eth0')).toMatchObject({
      hasAddress: false,
      notCandidateBecause: 'it has no address of global scope',
    });
  });

  test('before the network is observed ranks nobody, and calls nobody reachable', () => {
    const node = new NodeBench();
    node.find(facts());
    expect(node.status).toMatchObject({
      active: { ipv4: null, ipv6: null },
      ranking: { ipv4: [], ipv6: [] },
      interfaces: [{ name: 'eth0', reachable: { ipv4: false, ipv6: false } }],
    });
  });
});
