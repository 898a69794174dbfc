import { describe, expect, test } from 'vitest';
import { hotspotMachine } from '../../../../src/machines/hotspot/hotspot.machine.ts';
import { nodeMachine } from '../../../../src/machines/node/node.machine.ts';
import { milliseconds } from '../../../../src/model/units.ts';
import { facts } from '../examples.ts';
import { HotspotBench, radio, withHotspot } from '../hotspot-bench.ts';

describe('the actor of the hotspot that fails', () => {
  const broken = { isSo: false };
  const breakable = Object.assign(Object.create(hotspotMachine) as typeof hotspotMachine, {
    transition: (...given: Parameters<(typeof hotspotMachine)['transition']>) => {
      if (broken.isSo) throw new Error('broken on purpose');
      return hotspotMachine.transition(...given);
    },
  });
  const bench = () => {
    broken.isSo = false;
    return new HotspotBench(withHotspot(), nodeMachine.provide({ actors: { hotspot: breakable } }));
  };
  const breakIt = (node: HotspotBench, doing: () => void): void => {
    broken.isSo = true;
    doing();
    broken.isSo = false;
    expect(node.status.problems).toMatchObject([{ code: 'actor.failed', subject: 'hotspot' }]);
  };

  test('is started again, and goes on with the access point that is on air and its clients', () => {
    const node = bench();
    node.open();
    node.join(2);
    node.send({ type: 'command.rotateKey' });
    const { wanted } = node;
    breakIt(node, () => node.join(3));
    expect(node.wanted).toBe(wanted);
    expect(node.hotspot.state).toBe('active');
    node.clock.advance(100);
    expect(node.status.problems).toEqual([]);
    expect(node.wanted).toEqual(wanted);
    expect(node.hotspot).toMatchObject({ state: 'active', clients: 2, key: { number: 2, previousEndsInMs: 599_900 } });
    expect(node.changes).toHaveLength(2);
    node.plug();
    node.clock.advance(60_000);
    expect(node.hotspot.state).toBe('stopping');
  });

  test('opens anew where it was not on air yet', () => {
    const node = bench();
    node.see();
    node.clock.advance(30_000);
    breakIt(node, () => node.opened());
    node.clock.advance(100);
    expect(node.hotspot.state).toBe('inactive');
    expect(node.wanted).toBeNull();
    node.clock.advance(30_000);
    expect(node.wanted).toMatchObject({ opening: 2 });
  });

  test('knows what was said while it was away', () => {
    const node = bench();
    node.see();
    breakIt(node, () => node.send({ type: 'command.hotspot', mode: 'on' }));
    node.plug();
    node.see({ ...radio, stationChannel: 3 });
    node.find(facts({ index: 4, name: 'wlan0' }));
    node.clock.advance(100);
    expect(node.hotspot).toMatchObject({ mode: 'on', state: 'inactive' });
    node.see();
    expect(node.hotspot.state).toBe('starting');
  });

  test('is not started again by the failure of another', () => {
    const node = bench();
    node.open();
    const failed = { actorId: 'interface 9', error: new Error('broken on purpose') } as const;
    node.actor.send({ type: 'xstate.error.actor.interface 9', ...failed });
    node.clock.advance(100);
    expect(node.hotspot.state).toBe('active');
    expect(node.errors).toEqual([]);
  });
});

test('what becomes of the hotspot is told with a sentence each time', () => {
  const node = new HotspotBench();
  node.open();
  node.plug();
  node.clock.advance(60_000);
  node.closed();
  expect(node.sentences).toEqual([
    'no uplink has been reachable for 30s',
    'no uplink has been reachable for 30s',
    'eth0 has been reachable for 1m',
    'eth0 is reachable',
  ]);
});

test('the hotspot says nothing anew when nothing is different for it', () => {
  const node = new HotspotBench();
  node.plug();
  node.see();
  const { hotspot, intent } = node.context;
  node.good(2);
  node.see();
  node.send({ type: 'node.resumed', slept: milliseconds(1) });
  expect(node.context.hotspot?.view?.deadline).toBeNull();
  expect(node.context.hotspot?.told).toBe(hotspot?.told);
  expect(node.context.intent.hotspot).toBe(intent.hotspot);
  node.good(2);
  const before = node.context.hotspot;
  node.find(facts({ index: 5, name: 'eth1' }));
  node.good(5);
  expect(node.context.hotspot).toBe(before);
});

test('an uplink of the other family is a way out as well', () => {
  const node = new HotspotBench();
  node.see();
  const only6 = {
    addresses: { ipv4: [], ipv6: [{ address: '2001:db8::5', prefixLength: 64, peer: null }] },
    defaultRoutes: [{ family: 'ipv6', gateway: '2001:db8::1', table: 254, metric: 100, protocol: 9 }],
  } as const;
  node.find(facts({ index: 2, name: 'eth0', ...only6 }));
  expect(node.hotspot).toMatchObject({ because: 'eth0 is reachable', due: null });
});

test('a radio that is ignored, or is called otherwise now, is no uplink', () => {
  const node = new HotspotBench();
  node.find(facts({ index: 4, name: 'wlan0', addresses: { ipv4: [], ipv6: [] } }));
  expect(node.context.hotspot?.told.isRadioUplink).toBe(true);
  node.change(4, { name: 'wlan7' });
  expect(node.context.hotspot?.told.isRadioUplink).toBe(false);
  node.change(4, { name: 'wlan0' });
  expect(node.context.hotspot?.told.isRadioUplink).toBe(true);
  node.change(4, { isEnslaved: true });
  expect(node.context.hotspot?.told.isRadioUplink).toBe(false);
  node.change(4, { isEnslaved: false });
  node.lose(4);
  expect(node.context.hotspot?.told.isRadioUplink).toBe(false);
});
