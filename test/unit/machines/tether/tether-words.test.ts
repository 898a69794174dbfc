import { describe, expect, test } from 'vitest';
import { classify } from '../../../../src/machines/interface/classification.decisions.ts';
import {
  initialContext,
  noWay,
  retryBackOff,
  validationTargets,
  withheldAtFirst,
} from '../../../../src/machines/tether/tether.decisions.ts';
import { defaultConfig, type Config, type TetherConfig } from '../../../../src/model/config.ts';
import { noDeviceFacts, type InterfaceFacts } from '../../../../src/model/interface.ts';
import { instant } from '../../../../src/model/units.ts';
import type { LeasePhase } from '../../../../src/machines/lease/lease.context.ts';
import { facts } from '../examples.ts';
import { managedFacts, noAddresses, phone, pluggedIn, type PhoneBench } from '../phone-bench.ts';

const configured = (of: 'usbTether' | 'bluetoothPan', how: Partial<TetherConfig>): Config => ({
  ...defaultConfig,
  [of]: { ...defaultConfig[of], ...how },
});
const byBluetooth: Partial<InterfaceFacts> = {
  name: 'bnep0',
  device: { ...noDeviceFacts, deviceType: 'bluetooth' },
};

describe('TETH-1: what a person is told of a phone', () => {
  const seen = (node: PhoneBench): readonly unknown[] => {
    const { state, because, since, managedBy, retryInMs, problem } = node.tether ?? {};
    return [
      state,
      because,
      since?.slice(17, 19),
      managedBy,
      retryInMs,
      problem,
      node.interface('usb0')?.notCandidateBecause,
    ];
  };

  test('is how far it is, since when, why, who holds its address, and what keeps it back', () => {
    const node = pluggedIn();
    node.clock.advance(1000);
    expect(node.tether).toMatchObject({
      iface: 'usb0',
      type: 'usbTether',
      identity: 'usb serial R58M12ABCDE',
      driver: 'rndis_host',
    });
    expect(seen(node)).toEqual(['initializing', 'its link is being set up', '00', null, null, null, 'it is down']);
    node.change(5, { isUp: true });
    expect(seen(node)).toEqual(['initializing', 'it has no carrier yet', '00', null, null, null, 'it has no carrier']);
    node.raise();
    expect(node.tether?.because).toBe('a lease is asked for');
    node.bind();
    const asked = '8.8.8.8 is asked through it';
    const validated = 'the tether is being validated';
    expect(seen(node)).toEqual(['validating', asked, '01', 'backhauld', null, null, validated]);
    node.wait(15_000);
    const silence = {
      code: 'tether.notValidated',
      message: 'nothing answers beyond usb0: 8.8.8.8 was asked',
      remedy:
        'it is tried again; see whether the device itself is online, or set validationTarget to what is reachable by it',
      subject: 'usb0',
    };
    const failed = 'the tether has failed, and is tried again';
    expect(seen(node)).toEqual(['failed', silence.message, '16', 'backhauld', 5000, silence, failed]);
    node.answer();
    expect(seen(node)).toEqual(['ready', 'it has answered from beyond', '16', 'backhauld', null, null, null]);
    node.change(5, managedFacts);
    const elsewhere = 'another manager holds its address; it is used as it is';
    expect(seen(node)).toEqual(['released', elsewhere, '16', 'another', null, null, null]);
  });

  test('names what is missing: a link, carrier, or a way out', () => {
    const classification = classify(phone(), defaultConfig);
    const missing = (overrides: Partial<InterfaceFacts>, lease: LeasePhase | null = null) => {
      const standing = { lease, leaseProblem: null, hasWay: false };
      const one = { classification, facts: phone(overrides), standing };
      return noWay(initialContext({ config: defaultConfig, wasReady: false, at: instant(0), ...one }));
    };
    const of = (message: string, remedy = 'it is tried again; see whether the device shares its connection') => ({
      code: 'lease.none',
      message,
      remedy,
      subject: 'usb0',
    });
    expect(missing({})).toEqual(of('usb0 has a link that is down after 30s'));
    expect(missing({ isUp: true })).toEqual(of('usb0 has no carrier after 30s'));
    expect(missing({ isUp: true, hasCarrier: true })).toEqual(of('usb0 has no way out after 30s'));
    for (const phase of ['asking', 'failing'] as const) {
      expect(missing({ isUp: true, hasCarrier: true }, phase).message).toBe(
        'no DHCP server on usb0 has granted a lease within 30 s',
      );
    }
  });

  test('is which setting has switched it off', () => {
    const usb = pluggedIn(configured('usbTether', { enabled: false }), managedFacts);
    expect([usb.tether?.because, usb.interface('usb0')?.notCandidateBecause]).toEqual(
      Array.from({ length: 2 }, () => 'tethers by USB are switched off (usbTether.enabled)'),
    );
    const pan = pluggedIn(configured('bluetoothPan', { enabled: false }), { ...managedFacts, ...byBluetooth });
    expect(pan.tether).toMatchObject({ type: 'bluetoothPan', state: 'released' });
    expect([pan.tether?.because, pan.interface('bnep0')?.notCandidateBecause]).toEqual(
      Array.from({ length: 2 }, () => 'tethers by Bluetooth are switched off (bluetoothPan.enabled)'),
    );
  });
});

describe('TETH-2: before its actor has said a word', () => {
  const atFirst = (config: Config, one: InterfaceFacts) =>
    withheldAtFirst({ config, classification: classify(one, config), facts: one });

  test('a phone is kept back, unless another manager has it; what is no phone is not', () => {
    expect(atFirst(defaultConfig, phone())).toBe('the tether is being set up');
    expect(atFirst(defaultConfig, phone(managedFacts))).toBeNull();
    expect(atFirst(defaultConfig, facts({ name: 'eth0' }))).toBeNull();
  });

  test('one that is switched off stays so, whoever has it', () => {
    const off = configured('usbTether', { enabled: false });
    expect(atFirst(off, phone(managedFacts))).toBe('tethers by USB are switched off (usbTether.enabled)');
  });

  test('one for which no lease is asked has none that could be another manager’s', () => {
    const still = configured('usbTether', { enableDhcp: false });
    expect(atFirst(still, phone(managedFacts))).toBe('the tether is being set up');
  });
});

describe('TETH-2: the settings of phones by Bluetooth', () => {
  test('are their own: what they are tried with, for how long a lease is waited for, and whether at all', () => {
    const config = configured('bluetoothPan', {
      validationTarget: '192.0.2.53',
      dhcpTimeout: defaultConfig.probe.interval,
    });
    const node = pluggedIn(config, byBluetooth);
    node.wait(5000);
    expect(node.tether).toMatchObject({ state: 'failed', because: 'bnep0 has a link that is down after 5s' });
    node.raise();
    node.bind();
    expect(node.tether?.because).toBe('192.0.2.53 is asked through it');
    expect(node.probeIntent()?.targets).toEqual([
      { kind: 'icmp', text: 'icmp://192.0.2.53', family: 'ipv4', address: '192.0.2.53' },
      { kind: 'tcp', text: 'tcp://192.0.2.53:53', family: 'ipv4', address: '192.0.2.53', port: 53 },
    ]);
  });

  test('name one target, which is of one family', () => {
    expect(validationTargets(defaultConfig, 'usbTether', 'ipv6')).toBeNull();
    const config = configured('usbTether', { validationTarget: '2001:db8::1' });
    expect(validationTargets(config, 'usbTether', 'ipv4')).toBeNull();
    expect(validationTargets(config, 'usbTether', 'ipv6')).toEqual([
      { kind: 'icmp', text: 'icmp://[2001:db8::1]', family: 'ipv6', address: '2001:db8::1' },
      { kind: 'tcp', text: 'tcp://[2001:db8::1]:53', family: 'ipv6', address: '2001:db8::1', port: 53 },
    ]);
    const named = configured('usbTether', { validationTarget: 'nothing of the kind' });
    expect(validationTargets(named, 'usbTether', 'ipv4')).toBeNull();
  });
});

describe('TETH-1: a phone that answers', () => {
  test('to one probe of a round, or late, is ready; to none is not', () => {
    const node = pluggedIn();
    node.raise();
    node.bind();
    node.wait(15_000);
    node.answer(5, false);
    expect(node.tether?.state).toBe('failed');
    const path = node.probeIntent()?.path ?? '';
    const lost = { target: 'icmp://8.8.8.8', rtt: null, failure: 'timeout', retransmitted: false } as const;
    node.send({ type: 'probe.answeredLate', index: 5, family: 'ipv4', path, round: 1, sample: lost });
    expect(node.tether?.state).toBe('failed');
    node.good(5);
    expect(node.tether?.state).toBe('ready');
  });

  test('is tried again after 5 s, twice as long each time, and after 5 min at most', () => {
    const waits = [0, 1, 2, 3, 6, 7, 8, 500].map((failures) => retryBackOff({ failures }) / 1000);
    expect(waits).toEqual([5, 5, 10, 20, 160, 300, 300, 300]);
  });

  test('and loses its lease is waited for as a new one, and fails at once when none comes', () => {
    const node = pluggedIn();
    node.raise();
    node.bind();
    node.answer();
    node.unbind();
    expect(node.tether).toMatchObject({ state: 'initializing', managedBy: null });
    const problem = { code: 'lease.none', message: 'no answer', subject: 'usb0' } as const;
    node.send({ type: 'lease.failed', index: 5, problem });
    expect(node.tether).toMatchObject({ state: 'failed', problem, retryInMs: 5000 });
    node.change(5, noAddresses);
    expect(node.tether).toMatchObject({ state: 'failed', problem });
  });
});
