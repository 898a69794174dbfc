import { describe, expect, test } from 'vitest';
import { hours, milliseconds, minutes } from '../../../../src/model/units.ts';
import { facts } from '../examples.ts';
import { HotspotBench, network, radio, withHotspot } from '../hotspot-bench.ts';
import { NodeBench } from '../node-bench.ts';

describe('AP-1: the hotspot opens by itself', () => {
  test('when no uplink has been reachable for startAfter, counted from the start', () => {
    const node = new HotspotBench();
    node.see();
    expect(node.hotspot).toMatchObject({
      state: 'inactive',
      mode: 'auto',
      because: 'no uplink is reachable; it opens when that has lasted 30s',
      due: { what: 'open', inMs: 30_000 },
    });
    node.clock.advance(29_999);
    expect(node.wanted).toBeNull();
    node.clock.advance(1);
    expect(node.wanted).toEqual({
      opening: 1,
      radio: 'wlan0',
      placement: 'alone',
      channel: 6,
      key: 1,
      previousKey: null,
      because: 'no uplink has been reachable for 30s',
    });
    node.opened();
    expect(node.changes).toEqual([
      ['inactive', 'starting', 30_000],
      ['starting', 'active', 30_000],
    ]);
  });

  test('counted from the loss of the last uplink, whenever the radio appears', () => {
    const node = new HotspotBench();
    node.plug();
    node.clock.advance(5000);
    node.unplug();
    node.clock.advance(20_000);
    node.see();
    expect(node.hotspot.due).toEqual({ what: 'open', inMs: 10_000 });
    node.clock.advance(10_000);
    expect(node.hotspot.state).toBe('starting');
  });

  test('not while one is reachable, and from the beginning when it is lost again', () => {
    const node = new HotspotBench();
    node.see();
    node.clock.advance(29_999);
    node.plug();
    expect(node.hotspot).toMatchObject({ state: 'inactive', because: 'eth0 is reachable', due: null });
    node.clock.advance(100_000);
    node.unplug();
    node.clock.advance(29_999);
    expect(node.changes).toEqual([]);
    node.clock.advance(1);
    expect(node.hotspot.state).toBe('starting');
  });

  test('not after all when one is reachable before it is on air', () => {
    const node = new HotspotBench();
    node.see();
    node.clock.advance(30_000);
    node.plug();
    expect(node.wanted).toBeNull();
    expect(node.hotspot).toMatchObject({ state: 'stopping', because: 'eth0 is reachable' });
    node.closed();
    expect(node.hotspot.state).toBe('inactive');
  });

  test('no earlier than the radio is known', () => {
    const node = new HotspotBench();
    node.clock.advance(60_000);
    expect(node.hotspot).toMatchObject({ state: 'inactive', because: 'wlan0 has not been looked at yet', due: null });
    node.see();
    node.clock.advance(0);
    expect(node.hotspot.state).toBe('starting');
  });

  test('and there is none at all where the configuration has none', () => {
    const node = new NodeBench();
    node.observe();
    node.send({ type: 'radio.changed', radio });
    node.send({ type: 'command.hotspot', mode: 'on' });
    node.send({ type: 'command.rotateKey' });
    node.clock.advance(100_000);
    expect(node.status.hotspot).toBeNull();
    expect(node.context.intent.hotspot).toBeNull();
    expect([...node.context.actors].filter((id) => id === 'hotspot')).toEqual([]);
  });
});

describe('AP-1: the hotspot closes by itself', () => {
  test('when an uplink has been reachable for stopAfter', () => {
    const node = new HotspotBench();
    node.open();
    node.clock.advance(1000);
    node.plug();
    expect(node.hotspot).toMatchObject({
      state: 'active',
      because: 'eth0 is reachable; it closes when that has lasted 1m',
      due: { what: 'close', inMs: 60_000 },
    });
    node.clock.advance(59_999);
    expect(node.wanted).not.toBeNull();
    node.clock.advance(1);
    expect(node.wanted).toBeNull();
    expect(node.hotspot).toMatchObject({ state: 'stopping', because: 'eth0 has been reachable for 1m', due: null });
    node.closed();
    expect(node.hotspot).toMatchObject({ state: 'inactive', because: 'eth0 is reachable' });
  });

  test('and stays open, as it was, when that uplink is lost again before', () => {
    const node = new HotspotBench();
    node.open();
    const { wanted } = node;
    node.plug();
    node.clock.advance(59_999);
    node.unplug();
    node.clock.advance(100_000);
    expect(node.wanted).toBe(wanted);
    node.plug();
    expect(node.hotspot.due).toEqual({ what: 'close', inMs: 60_000 });
  });

  test('and not because another name is reachable meanwhile', () => {
    const node = new HotspotBench();
    node.open();
    node.plug();
    node.clock.advance(30_000);
    node.find(facts({ index: 5, name: 'eth1' }));
    node.good(5);
    node.unplug();
    expect(node.hotspot).toMatchObject({ because: expect.stringContaining('eth1') as string });
    expect(node.hotspot.due).toEqual({ what: 'close', inMs: 30_000 });
  });

  test('and counts anew after the machine was asleep: what was measured before is old', () => {
    const node = new HotspotBench();
    node.open();
    node.send({ type: 'node.resumed', slept: minutes(5) });
    node.plug();
    node.clock.advance(40_000);
    node.send({ type: 'node.resumed', slept: minutes(5) });
    node.good(2);
    expect(node.hotspot.due).toEqual({ what: 'close', inMs: 60_000 });
  });
});

describe('AP-1: an operator may say what the hotspot does', () => {
  test('on: it opens at once, and stays open whatever is reachable', () => {
    const node = new HotspotBench();
    node.plug();
    node.see();
    node.send({ type: 'command.hotspot', mode: 'on' });
    expect(node.hotspot).toMatchObject({ state: 'starting', mode: 'on', because: 'it was switched on' });
    node.opened();
    node.clock.advance(3_600_000);
    expect(node.hotspot).toMatchObject({ state: 'active', due: null });
  });

  test('off: it closes at once, and does not open for want of a way out', () => {
    const node = new HotspotBench();
    node.open();
    node.send({ type: 'command.hotspot', mode: 'off' });
    expect(node.hotspot).toMatchObject({ state: 'stopping', because: 'it was switched off' });
    node.closed();
    node.clock.advance(3_600_000);
    expect(node.hotspot).toMatchObject({ state: 'inactive', because: 'it was switched off', due: null });
  });

  test('auto: it goes on by what has lasted meanwhile', () => {
    const node = new HotspotBench();
    node.plug();
    node.see();
    node.send({ type: 'command.hotspot', mode: 'on' });
    node.opened();
    node.clock.advance(10_000);
    node.send({ type: 'command.hotspot', mode: 'auto' });
    expect(node.hotspot.due).toEqual({ what: 'close', inMs: 50_000 });
  });

  test('what is said before it is there is not lost', () => {
    const node = new NodeBench(withHotspot());
    node.send({ type: 'hotspot.remembered', key: 7, age: hours(1) });
    node.send({ type: 'command.hotspot', mode: 'off' });
    node.send({ type: 'radio.changed', radio });
    node.observe();
    node.clock.advance(100_000);
    expect(node.status.hotspot).toMatchObject({ mode: 'off', state: 'inactive', key: { number: 7 } });
  });
});

describe('AP-1: a radio that is also an uplink', () => {
  const station = { ...radio, stationChannel: 11 };

  test('is taken from its network when nothing is reachable', () => {
    const node = new HotspotBench();
    node.find(facts({ index: 4, name: 'wlan0' }));
    node.bad(4);
    node.bad(4);
    node.see(station);
    node.clock.advance(30_000);
    expect(node.wanted).toMatchObject({ placement: 'alone', channel: 6 });
  });

  test('is not taken while anything is reachable, even if it is switched on, and at once when nothing is', () => {
    const node = new HotspotBench();
    node.find(facts({ index: 4, name: 'wlan0' }));
    node.good(4);
    node.see(station);
    node.send({ type: 'command.hotspot', mode: 'on' });
    expect(node.wanted).toBeNull();
    expect(node.hotspot.because).toBe(
      'wlan0 has a network of its own, and is not taken from it while wlan0 is reachable',
    );
    node.bad(4);
    node.bad(4);
    expect(node.hotspot.state).toBe('starting');
  });

  test('looks for its network after searchInterval without clients, for searchFor, and opens again', () => {
    const node = new HotspotBench();
    node.find(facts({ index: 4, name: 'wlan0', addresses: { ipv4: [], ipv6: [] } }));
    node.open();
    node.join(1);
    node.clock.advance(600_000);
    expect(node.hotspot).toMatchObject({ state: 'active', clients: 1, due: null });
    node.join(0);
    expect(node.hotspot.due).toEqual({ what: 'search', inMs: 120_000 });
    node.clock.advance(119_999);
    expect(node.wanted).not.toBeNull();
    node.clock.advance(1);
    expect(node.wanted).toBeNull();
    expect(node.hotspot.because).toBe('nobody has been connected for 2m, and wlan0 looks for its own network');
    node.clock.advance(1000);
    node.closed();
    expect(node.hotspot).toMatchObject({
      state: 'inactive',
      because: 'nobody was connected, and wlan0 looks for its own network',
      due: { what: 'open', inMs: 25_000 },
    });
    node.clock.advance(25_000);
    expect(node.wanted).toMatchObject({
      opening: 2,
      because: 'nobody is connected, and wlan0 has not found its own network',
    });
  });

  test('stays with its network when it has found it', () => {
    const node = new HotspotBench();
    node.find(facts({ index: 4, name: 'wlan0', addresses: { ipv4: [], ipv6: [] } }));
    node.open();
    node.clock.advance(120_000);
    node.closed();
    node.change(4, { addresses: facts({ index: 4 }).addresses });
    node.good(4);
    node.clock.advance(600_000);
    expect(node.hotspot).toMatchObject({ state: 'inactive', because: 'wlan0 is reachable' });
    expect(node.changes.map(([, to]) => to)).toEqual(['starting', 'active', 'stopping', 'inactive']);
  });

  test('needs no search when something is reachable before the access point is gone', () => {
    const node = new HotspotBench();
    node.find(facts({ index: 4, name: 'wlan0', addresses: { ipv4: [], ipv6: [] } }));
    node.open();
    node.clock.advance(120_000);
    node.plug();
    node.closed();
    expect(node.hotspot).toMatchObject({ state: 'inactive', because: 'eth0 is reachable', due: null });
    node.clock.advance(600_000);
    expect(node.wanted).toBeNull();
  });

  test('never lets go of a client that is there', () => {
    const node = new HotspotBench();
    node.find(facts({ index: 4, name: 'wlan0', addresses: { ipv4: [], ipv6: [] } }));
    node.open();
    node.clock.advance(119_999);
    node.join(1);
    node.clock.advance(600_000);
    expect(node.changes.map(([, to]) => to)).toEqual(['starting', 'active']);
  });

  test('needs no search where it is no uplink', () => {
    const node = new HotspotBench();
    node.open();
    node.clock.advance(3_600_000);
    expect(node.hotspot).toMatchObject({ state: 'active', due: null });
  });

  test('has the access point beside it where it can do both, on its channel, and the access point follows it', () => {
    const node = new HotspotBench();
    node.find(facts({ index: 4, name: 'wlan0', addresses: { ipv4: [], ipv6: [] } }));
    node.see({ ...station, supportsBoth: true });
    node.clock.advance(30_000);
    expect(node.wanted).toMatchObject({ opening: 1, placement: 'beside', channel: 11 });
    node.opened();
    node.clock.advance(600_000);
    node.see({ ...station, supportsBoth: true, stationChannel: 36 });
    expect(node.wanted).toMatchObject({ opening: 1, placement: 'beside', channel: 36 });
    node.see({ ...station, supportsBoth: true, stationChannel: null });
    expect(node.wanted, 'while it has no network there is nothing to follow').toMatchObject({ channel: 36 });
    expect(node.hotspot).toMatchObject({ state: 'active', placement: 'beside', channel: 36 });
  });

  test('is let go, beside it, after searchInterval without clients while nobody knows where its network is', () => {
    const node = new HotspotBench();
    node.find(facts({ index: 4, name: 'wlan0', addresses: { ipv4: [], ipv6: [] } }));
    node.see({ ...station, supportsBoth: true });
    node.clock.advance(30_000);
    node.opened();
    expect(node.hotspot.due).toBeNull();
    node.see({ ...station, supportsBoth: true, stationChannel: null });
    expect(node.hotspot.due).toEqual({ what: 'search', inMs: 120_000 });
    node.see({ ...station, supportsBoth: true, stationChannel: 36 });
    expect(node.hotspot.due, 'it is followed there').toBeNull();
  });

  test('is no way out while it is the access point, though it has carrier and its address still', () => {
    const node = new HotspotBench();
    const wlan = { index: 4, name: 'wlan0' } as const;
    node.find(facts(wlan));
    node.good(4);
    node.see({ ...station });
    node.change(4, { hasCarrier: false });
    node.see();
    node.clock.advance(30_000);
    expect(node.wanted).toMatchObject({ placement: 'alone' });
    node.change(4, { hasCarrier: true });
    node.clock.advance(5000);
    expect(node.hotspot.state).toBe('starting');
    expect(node.context.intent.network.uplinks).toEqual([]);
    expect(node.context.intent.probes).toEqual([]);
    expect(node.context.views.get(4)?.candidacy.because).toBe("it is the hotspot's access point");
    node.opened();
    node.clock.advance(100_000);
    expect(node.hotspot.state).toBe('active');
    node.send({ type: 'command.hotspot', mode: 'off' });
    expect(node.context.intent.network.uplinks, 'until it is gone').toEqual([]);
    node.closed();
    expect(node.context.intent.network.uplinks).toMatchObject([{ name: 'wlan0' }]);
  });

  test('is not needed where a bridge stands in its place: nor is a country', () => {
    const node = new HotspotBench(withHotspot({ interface: 'br0', country: null }));
    node.see({ ...radio, interface: 'br0', phy: null, supportsAccessPoint: false });
    node.clock.advance(30_000);
    expect(node.wanted).toMatchObject({ radio: 'br0', placement: 'bridge' });
  });
});

describe('a hotspot that cannot open', () => {
  test.each([
    ['hotspot.noRadio', null, {}],
    ['hotspot.noAccessPointMode', { ...radio, supportsAccessPoint: false }, {}],
    ['hotspot.noCountry', radio, { country: null }],
  ] as const)('says so before it is needed, and nothing is wanted: %s', (code, seen, config) => {
    const node = new HotspotBench(withHotspot(config));
    node.plug();
    node.see(seen);
    node.unplug();
    node.clock.advance(100_000);
    expect(node.hotspot).toMatchObject({ state: 'error', problem: { code, subject: 'wlan0' }, due: null });
    expect(node.hotspot.because).toBe(node.hotspot.problem?.message);
    expect(node.status.problems.map((problem) => problem.code)).toEqual([code]);
    expect(node.wanted).toBeNull();
    expect(node.changes).toEqual([['inactive', 'error', 0]]);
  });

  test('opens when what was missing is there', () => {
    const node = new HotspotBench();
    node.see(null);
    node.clock.advance(100_000);
    node.see();
    node.clock.advance(0);
    expect(node.hotspot).toMatchObject({ state: 'starting', problem: null });
    expect(node.status.problems).toEqual([]);
  });

  test('is no error for who has switched it off', () => {
    const node = new HotspotBench();
    node.send({ type: 'command.hotspot', mode: 'off' });
    node.see(null);
    expect(node.hotspot).toMatchObject({ state: 'inactive', problem: null });
  });

  test('is taken off air when its radio goes', () => {
    const node = new HotspotBench();
    node.open();
    node.see(null);
    expect(node.wanted).toBeNull();
    expect(node.hotspot).toMatchObject({ state: 'error', clients: 0, address: null });
  });
});

describe('a hotspot that fails', () => {
  test('is tried again after 5 s, twice as long each time, and after 5 min at most', () => {
    const node = new HotspotBench();
    node.see();
    node.clock.advance(30_000);
    for (const wait of [5, 10, 20, 40, 80, 160, 300, 300]) {
      node.failed();
      expect(node.hotspot).toMatchObject({
        state: 'error',
        because: 'port 53 is taken by unbound',
        due: { what: 'retry', inMs: wait * 1000 },
      });
      expect(node.wanted).toBeNull();
      node.clock.advance(wait * 1000 - 1);
      expect(node.hotspot.state).toBe('error');
      node.clock.advance(1);
      expect(node.hotspot).toMatchObject({ state: 'starting', problem: { code: 'hotspot.portTaken' } });
    }
    node.opened();
    expect(node.hotspot.problem).toBeNull();
  });

  test('begins with 5 s again when it has been on air for 10 minutes', () => {
    const node = new HotspotBench();
    node.see();
    node.clock.advance(30_000);
    node.failed();
    node.clock.advance(5000);
    node.opened();
    node.clock.advance(599_999);
    node.failed();
    expect(node.hotspot.due?.inMs).toBe(10_000);
    node.clock.advance(10_000);
    node.opened();
    node.clock.advance(600_000);
    node.failed();
    expect(node.hotspot.due?.inMs).toBe(5000);
  });

  test('is given up when an uplink is reachable', () => {
    const node = new HotspotBench();
    node.see();
    node.clock.advance(30_000);
    node.failed();
    node.plug();
    expect(node.hotspot).toMatchObject({ state: 'inactive', problem: null, due: null });
    node.clock.advance(600_000);
    expect(node.wanted).toBeNull();
  });

  test('is tried at once when an operator says so', () => {
    const node = new HotspotBench();
    node.see();
    node.clock.advance(30_000);
    node.failed();
    node.send({ type: 'command.hotspot', mode: 'on' });
    expect(node.hotspot.state).toBe('starting');
  });

  test('is not stuck when nobody says what became of it', () => {
    const node = new HotspotBench();
    node.see();
    node.clock.advance(60_000);
    expect(node.hotspot).toMatchObject({ state: 'error', because: 'the access point was not on air within 30s' });
    node.clock.advance(5000);
    node.opened();
    node.send({ type: 'command.hotspot', mode: 'off' });
    node.clock.advance(30_000);
    expect(node.hotspot).toMatchObject({ state: 'error', because: 'the access point was not taken down within 30s' });
  });

  test('hears nothing of what became of an older opening', () => {
    const node = new HotspotBench();
    node.see();
    node.clock.advance(30_000);
    node.failed();
    node.clock.advance(5000);
    node.send({ type: 'hotspot.opened', opening: 1, network });
    expect(node.hotspot.state).toBe('starting');
    node.opened();
    node.send({ type: 'hotspot.clients', opening: 1, clients: 5 });
    const problem = { code: 'hotspot.serviceFailed', message: 'it ended' } as const;
    node.send({ type: 'hotspot.failed', opening: 1, problem });
    expect(node.hotspot).toMatchObject({ state: 'active', clients: 0 });
  });
});

describe('what status tells of a hotspot on air', () => {
  test('is where it is, who is there, and nothing of that when it is gone', () => {
    const node = new HotspotBench();
    node.open();
    node.join(3);
    expect(node.hotspot).toEqual({
      state: 'active',
      mode: 'auto',
      since: '1970-01-01T00:00:30.000Z',
      because: 'no uplink has been reachable for 30s',
      ssid: 'backhauld',
      security: 'wpa2Wpa3Mixed',
      interface: 'wlan0',
      placement: 'alone',
      channel: 6,
      address: '192.168.50.1',
      clients: 3,
      maxClients: 10,
      due: null,
      key: { number: 1, rotatesInMs: null, previousEndsInMs: null },
      problem: null,
    });
    node.send({ type: 'command.hotspot', mode: 'off' });
    node.join(3);
    node.closed();
    expect(node.hotspot).toMatchObject({ interface: null, placement: null, channel: null, address: null, clients: 0 });
  });

  test('follows a network that was moved', () => {
    const node = new HotspotBench();
    node.open();
    const moved = { ...network, ipv4: { ...network.ipv4, address: '192.168.51.1' } };
    node.send({ type: 'hotspot.opened', opening: 1, network: moved });
    expect(node.hotspot).toMatchObject({ state: 'active', address: '192.168.51.1' });
  });
});

describe('SECU-2: the number of the key', () => {
  const security = {
    ...withHotspot().hotspot.security,
    pskRotation: { enabled: true, interval: hours(24), overlap: minutes(10) },
  };
  const day = 86_400_000;

  test('rises after interval, and the one before it works for overlap', () => {
    const node = new HotspotBench(withHotspot({ security }));
    node.open();
    node.clock.advanceTo(day - 1);
    expect(node.wanted).toMatchObject({ opening: 1, key: 1, previousKey: null });
    expect(node.hotspot.key).toEqual({ number: 1, rotatesInMs: 1, previousEndsInMs: null });
    node.clock.advance(1);
    expect(node.wanted).toMatchObject({ opening: 1, key: 2, previousKey: 1 });
    expect(node.hotspot.key).toEqual({ number: 2, rotatesInMs: day, previousEndsInMs: 600_000 });
    node.clock.advance(599_999);
    expect(node.wanted).toMatchObject({ previousKey: 1 });
    node.clock.advance(1);
    expect(node.wanted).toMatchObject({ key: 2, previousKey: null });
    node.clock.advanceTo(2 * day);
    expect(node.wanted).toMatchObject({ key: 3, previousKey: 2 });
  });

  test('does not rise by itself where that is not configured, and does when an operator says so', () => {
    const node = new HotspotBench();
    node.open();
    node.clock.advanceTo(100 * day);
    expect(node.wanted).toMatchObject({ key: 1, previousKey: null });
    node.send({ type: 'command.rotateKey' });
    expect(node.wanted).toMatchObject({ key: 2, previousKey: 1 });
    node.clock.advance(1000);
    node.send({ type: 'command.rotateKey' });
    expect(node.wanted, 'the oldest one is over').toMatchObject({ key: 3, previousKey: 2 });
    node.clock.advance(600_000);
    expect(node.wanted).toMatchObject({ key: 3, previousKey: null });
  });

  test('goes on from the one that the run before gave, which may be due already', () => {
    const node = new HotspotBench(withHotspot({ security }));
    node.send({ type: 'hotspot.remembered', key: 5, age: milliseconds(day - 1000) });
    node.see();
    expect(node.hotspot.key).toEqual({ number: 5, rotatesInMs: 1000, previousEndsInMs: null });
    node.clock.advance(1000);
    expect(node.hotspot.key.number).toBe(6);
  });

  test('has the one before it work on where its overlap has not passed', () => {
    const node = new HotspotBench();
    node.send({ type: 'hotspot.remembered', key: 5, age: minutes(4) });
    node.open();
    expect(node.wanted).toMatchObject({ key: 5, previousKey: 4 });
    node.clock.advance(330_000);
    expect(node.wanted).toMatchObject({ key: 5, previousKey: null });
  });

  test('grows old while the machine is asleep', () => {
    const node = new HotspotBench(withHotspot({ security }));
    node.open();
    node.send({ type: 'command.rotateKey' });
    node.send({ type: 'node.resumed', slept: minutes(11) });
    node.clock.advance(0);
    expect(node.wanted).toMatchObject({ key: 2, previousKey: null });
    expect(node.hotspot.key.rotatesInMs).toBe(day - 660_000);
  });
});
