import { describe, expect, test } from 'vitest';
import { explain } from '../../../../src/machines/status/status.selectors.ts';
import { defaultConfig, type Config, type TetherConfig } from '../../../../src/model/config.ts';
import { noDeviceFacts } from '../../../../src/model/interface.ts';
import { address, facts } from '../examples.ts';
import { lease, managedFacts, noAddresses, phone, PhoneBench, pluggedIn, readyPhone } from '../phone-bench.ts';

const withUsb = (usbTether: Partial<TetherConfig>): Config => ({
  ...defaultConfig,
  usbTether: { ...defaultConfig.usbTether, ...usbTether },
});

/** What was told of problems, in order. */
const told = ({ emissions }: PhoneBench): readonly string[] =>
  emissions.flatMap((one) =>
    one.type === 'problem' || one.type === 'problem.solved' ? [`${one.type} ${one.problem.code}`] : [],
  );

describe('TETH-1: a phone that is plugged in', () => {
  test('is set up, gets a lease, is tried, and only then is a candidate', () => {
    const node = pluggedIn();
    expect(node.tether).toMatchObject({ state: 'initializing', because: 'its link is being set up', iface: 'usb0' });
    expect(node.context.intent.network.raised).toEqual([5]);
    expect(node.leases).toEqual([]);
    node.raise();
    expect(node.tether?.because).toBe('a lease is asked for');
    expect(node.leases).toEqual([{ index: 5, name: 'usb0', request: 1, timeout: 30_000 }]);
    node.send({ type: 'lease.bound', index: 5, lease: lease() });
    expect(node.context.intent.network.leases).toEqual([{ index: 5, name: 'usb0', lease: lease() }]);
    expect(node.tether).toMatchObject({ state: 'initializing', managedBy: 'backhauld' });
    node.bind();
    expect(node.tether).toMatchObject({ state: 'validating', because: '8.8.8.8 is asked through it' });
    expect(node.interface('usb0')).toMatchObject({
      candidate: false,
      notCandidateBecause: 'the tether is being validated',
      usable: { ipv4: false },
      gateways: { ipv4: '192.168.42.129' },
    });
    expect(node.status.ranking.ipv4).toEqual([]);
    node.answer();
    expect(node.tether).toMatchObject({ state: 'ready', problem: null, retryInMs: null });
    expect(node.interface('usb0')).toMatchObject({
      candidate: true,
      notCandidateBecause: null,
      usable: { ipv4: true },
    });
    expect(node.activeName).toBe('usb0');
    expect(node.tetherStates).toEqual(['initializing', 'validating', 'ready']);
  });

  test('has its table while it is tried, and is probed with what it is tried with', () => {
    const node = pluggedIn();
    node.raise();
    node.bind();
    expect(node.context.intent.network.uplinks.map(({ name }) => name)).toEqual(['usb0']);
    expect(node.context.intent.network.ranking.ipv4).toEqual([]);
    expect(node.probeIntent()).toMatchObject({ role: 'standby', interval: 5000, isReachable: false });
    expect(node.probeIntent()?.targets?.map(({ text }) => text)).toEqual(['icmp://8.8.8.8', 'tcp://8.8.8.8:53']);
    node.answer();
    expect(node.probeIntent()).not.toHaveProperty('targets');
    expect(node.probeIntent()?.interval).toBe(30_000);
  });

  test('that answers late has answered', () => {
    const node = pluggedIn();
    node.raise();
    node.bind();
    node.answer(5, false);
    expect(node.tether?.state).toBe('validating');
    const path = node.probeIntent()?.path ?? '';
    const sample = { target: 'icmp://8.8.8.8', rtt: null, failure: null, retransmitted: true };
    node.send({ type: 'probe.answeredLate', index: 5, family: 'ipv4', path: 'another', round: 1, sample });
    expect(node.tether?.state).toBe('validating');
    node.send({ type: 'probe.answeredLate', index: 5, family: 'ipv4', path, round: 1, sample });
    expect(node.tether?.state).toBe('ready');
  });

  test('through which nothing answers has failed, is tried again more rarely each time, and may answer meanwhile', () => {
    const node = pluggedIn();
    node.raise();
    node.bind();
    node.wait(14_999);
    expect(node.tether?.state).toBe('validating');
    node.wait(1);
    expect(node.tether).toMatchObject({
      state: 'failed',
      retryInMs: 5000,
      problem: { code: 'tether.notValidated', subject: 'usb0' },
    });
    expect(node.status.problems.map(({ code }) => code)).toContain('tether.notValidated');
    expect(node.candidate()).toBe(false);
    node.wait(5000);
    expect(node.tether).toMatchObject({ state: 'validating', because: '8.8.8.8 is asked through it' });
    node.wait(15_000);
    expect(node.tether).toMatchObject({ state: 'failed', retryInMs: 10_000 });
    for (let retry = 0; retry < 8; retry++) node.wait((node.tether?.retryInMs ?? 0) + 15_000);
    expect(node.tether?.retryInMs).toBe(300_000);
    node.answer();
    expect(node.tether).toMatchObject({ state: 'ready', problem: null });
    expect(node.status.problems).toEqual([]);
    node.change(5, noAddresses);
    node.wait(30_000);
    expect(node.tether?.retryInMs, 'it counts from the beginning').toBe(5000);
  });

  test('through which nothing answers is told as one problem, which stands through every retry until something answers', () => {
    const node = pluggedIn();
    node.raise();
    node.bind();
    for (let retry = 0; retry < 4; retry++) {
      node.wait(15_000);
      expect(node.status.problems.map(({ code }) => code)).toEqual(['tether.notValidated']);
      node.wait(node.tether?.retryInMs ?? 0);
      expect(node.tether).toMatchObject({ state: 'validating', problem: { code: 'tether.notValidated' } });
    }
    expect(told(node)).toEqual(['problem tether.notValidated']);
    node.answer();
    expect(node.status.problems).toEqual([]);
    expect(told(node)).toEqual(['problem tether.notValidated', 'problem.solved tether.notValidated']);
  });

  test('that gets no lease is told as one problem, which stands through every retry until one comes', () => {
    const node = pluggedIn();
    node.raise();
    for (let retry = 0; retry < 4; retry++) node.wait(60_000);
    expect(told(node)).toEqual(['problem lease.none']);
    node.bind();
    expect(told(node)).toEqual(['problem lease.none', 'problem.solved lease.none']);
  });

  test('that gets no lease has failed with the reason, and is validated when one comes', () => {
    const node = pluggedIn();
    node.raise();
    const problem = { code: 'lease.none', message: 'no answer on usb0', subject: 'usb0' } as const;
    node.wait(29_000);
    node.send({ type: 'lease.failed', index: 5, problem });
    expect(node.tether).toMatchObject({ state: 'failed', because: 'no answer on usb0', problem });
    expect(node.status.problems).toEqual([problem]);
    node.bind();
    expect(node.tether?.state).toBe('validating');
    expect(node.status.problems).toEqual([]);
  });

  test('that never gets carrier has failed after dhcpTimeout', () => {
    const node = pluggedIn(withUsb({ dhcpTimeout: defaultConfig.probe.interval }));
    node.wait(4999);
    expect(node.tether?.state).toBe('initializing');
    node.wait(1);
    expect(node.tether).toMatchObject({
      state: 'failed',
      problem: { message: 'usb0 has a link that is down after 5s' },
    });
    node.change(5, { isUp: true });
    node.wait(10_000);
    expect(node.tether?.problem?.message).toBe('usb0 has no carrier after 5s');
  });

  test('stays ready whatever its probes say, until it has no way out', () => {
    const node = readyPhone();
    for (let round = 0; round < 5; round++) node.answer(5, false);
    expect(node.interface('usb0')?.verdict.ipv4).toBe('failed');
    expect(node.tether?.state).toBe('ready');
    node.unbind();
    expect(node.tether?.state).toBe('initializing');
  });

  test.each(['detected', 'leased', 'validating', 'ready', 'failed', 'released'])(
    'and is unplugged while it is %s leaves nothing behind, and no timer',
    (state) => {
      const node = pluggedIn(defaultConfig, state === 'released' ? managedFacts : {});
      if (state !== 'detected' && state !== 'released') node.raise();
      if (state === 'validating' || state === 'ready' || state === 'failed') node.bind();
      if (state === 'ready') node.answer();
      if (state === 'failed') node.wait(15_000);
      if (state === 'leased') node.send({ type: 'lease.bound', index: 5, lease: lease() });
      node.lose(5);
      const { leases, network, probes } = node.context.intent;
      expect({ leases, network, probes }).toEqual({
        leases: [],
        network: { uplinks: [], ranking: { ipv4: [], ipv6: [] } },
        probes: [],
      });
      expect(node.tethers).toEqual([]);
      expect(node.status.problems).toEqual([]);
      expect([...node.context.actors].filter((id) => id.endsWith(' 5'))).toEqual([]);
      node.wait(30_000);
      expect(node.clock.pending).toBe(0);
      expect(node.errors).toEqual([]);
    },
  );

  test('anew is a tether of its own, which has to prove itself', () => {
    const node = readyPhone();
    node.find(phone({ isUp: true, hasCarrier: true, name: 'enx0a1b2c3d4e5f' }));
    expect(node.tether).toMatchObject({ state: 'initializing', iface: 'enx0a1b2c3d4e5f' });
    expect(node.request(), 'numbers of requests only rise').toBe(2);
  });
});

describe('TETH-2: the settings of tethers', () => {
  test('validateRoute = false: it is ready with its lease', () => {
    const node = pluggedIn(withUsb({ validateRoute: false }));
    node.raise();
    node.bind();
    expect(node.tether).toMatchObject({ state: 'ready', because: 'it has a way out' });
    expect(node.candidate()).toBe(true);
  });

  test('validateRoute = false: it is ready as soon as there is a lease after it had failed', () => {
    const node = pluggedIn(withUsb({ validateRoute: false }));
    node.wait(30_000);
    expect(node.tether?.state).toBe('failed');
    node.raise();
    node.bind();
    expect(node.tetherStates.at(-1)).toBe('ready');
  });

  test('enableDhcp = false: no lease is asked for, and an address of whomever is waited for', () => {
    const node = pluggedIn(withUsb({ enableDhcp: false }), { isUp: true, hasCarrier: true });
    expect(node.leases).toEqual([]);
    expect(node.tether).toMatchObject({ state: 'initializing', because: 'an address is waited for' });
    node.change(5, managedFacts);
    expect(node.tether?.state).toBe('validating');
  });

  test('enabled = false: it is let alone, and carries no traffic', () => {
    const node = pluggedIn(withUsb({ enabled: false }), managedFacts);
    expect(node.tether).toMatchObject({ state: 'released' });
    expect(node.context.intent.network).not.toHaveProperty('raised');
    expect(node.leases).toEqual([]);
    expect(node.interface('usb0')).toMatchObject({
      candidate: false,
      notCandidateBecause: 'tethers by USB are switched off (usbTether.enabled)',
    });
  });

  test('validationTarget of IPv6 is asked by IPv6, and IPv4 with what else is probed', () => {
    const node = pluggedIn(withUsb({ validationTarget: '2001:db8::1' }));
    node.raise();
    node.bind();
    expect(node.probeIntent()).not.toHaveProperty('targets');
    node.change(5, {
      addresses: { ipv4: [], ipv6: [address('2001:db8:5::5', 64)] },
      defaultRoutes: [{ family: 'ipv6', gateway: 'fe80::1', table: 254, metric: 100, protocol: 9 }],
    });
    const intent = node.context.intent.probes.find(({ family }) => family === 'ipv6');
    expect(intent?.targets?.map(({ text }) => text)).toEqual(['icmp://[2001:db8::1]', 'tcp://[2001:db8::1]:53']);
  });

  test('interfacePatterns say what is a tether where only its name tells', () => {
    const named = (name: string) => pluggedIn(defaultConfig, { name, device: noDeviceFacts }).tethers.length;
    expect([named('usb0'), named('enx0a1b2c3d4e5f'), named('usb1')]).toEqual([1, 1, 0]);
    expect(pluggedIn(defaultConfig, { name: 'eth0' }).tethers, 'its driver tells').toHaveLength(1);
    const adapter = { ...noDeviceFacts, driver: 'r8152', bus: 'usb' };
    expect(pluggedIn(defaultConfig, { name: 'enx0a1b2c3d4e5f', device: adapter }).tethers).toEqual([]);
  });

  test('a phone by Bluetooth is a tether too', () => {
    const device = { ...noDeviceFacts, deviceType: 'bluetooth' };
    expect(pluggedIn(defaultConfig, { name: 'bnep0', device }).tether).toMatchObject({
      type: 'bluetoothPan',
      state: 'initializing',
    });
  });
});

describe('TETH-2: a phone that another manager holds', () => {
  test('is used as it is, and that is said', () => {
    const node = pluggedIn(defaultConfig, managedFacts);
    expect(node.tether).toMatchObject({ state: 'released', managedBy: 'another' });
    expect(node.candidate()).toBe(true);
    expect(node.leases).toEqual([]);
    expect(node.status.problems).toMatchObject([{ code: 'uplink.managedElsewhere', subject: 'usb0' }]);
  });

  test('and is let go is taken over after a while, and is ready as long as it has a way out', () => {
    const node = pluggedIn(defaultConfig, managedFacts);
    node.change(5, noAddresses);
    expect(node.leases).toEqual([]);
    expect(node.status.problems).toEqual([]);
    node.wait(30_000);
    expect(node.request()).toBe(1);
    expect(node.tether?.state).toBe('initializing');
  });

  test('that comes later has the phone released', () => {
    const node = readyPhone();
    node.change(5, managedFacts);
    expect(node.tether).toMatchObject({ state: 'released', managedBy: 'another' });
    expect(node.leases).toEqual([]);
    expect(node.context.intent.network).not.toHaveProperty('leases');
    expect(node.candidate()).toBe(true);
  });
});

describe('TETH-1: who asks why a tether is not used', () => {
  test('is told that it is being validated', () => {
    const node = pluggedIn();
    node.find(facts({ index: 2, name: 'eth0' }));
    node.raise();
    node.bind();
    const explanation = explain(node.actor.getSnapshot(), 'usb0');
    expect(explanation).toMatchObject({
      uplinks: [
        {
          name: 'usb0',
          rules: [
            { rule: 'usable', left: 'may not be used: the tether is being validated', prefers: 'right' },
            ...rest,
          ],
        },
        {},
      ],
    });
  });
});

const rest = Array.from({ length: 8 }, () => ({}));

test('TETH-1: a tether whose actor fails goes on with what it had', () => {
  const node = readyPhone();
  const { actor } = node;
  const fail = (actorId: string) =>
    actor.send({ type: `xstate.error.actor.${actorId}`, actorId, error: new Error('broken on purpose') });
  fail('lease 5');
  fail('tether 5');
  expect(node.candidate()).toBe(true);
  expect(node.context.intent.network.leases).toHaveLength(1);
  node.wait(100);
  expect(node.context.intent.network.leases).toHaveLength(1);
  expect(node.request(), 'what is held is asked for anew').toBeGreaterThan(1);
  expect(node.tetherStates).toEqual(['initializing', 'validating', 'ready']);
  expect(node.candidate()).toBe(true);
  expect(node.context.problems).toEqual([]);
  expect(new PhoneBench().tethers).toEqual([]);
});
