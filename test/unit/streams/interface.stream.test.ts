import { describe, expect, test } from 'vitest';
import type { DeviceFacts } from '../../../src/model/interface.ts';
import { noDeviceFacts } from '../../../src/model/interface.ts';
import type { Link } from '../../../src/model/kernel.ts';
import { ownProtocol } from '../../../src/model/network.ts';
import { interfaceEvents, type InterfaceEvent } from '../../../src/streams/interface.stream.ts';
import { ScriptedKernel, added, address, changed, defaultRoute, link, neighbour, removed } from './scripted-kernel.ts';

const eth0 = link(2, 'eth0');

class Devices {
  readonly readings: string[] = [];
  read({ name }: Link): DeviceFacts {
    this.readings.push(name);
    return { ...noDeviceFacts, driver: `driver of ${name}` };
  }
}

function watch(kernel: ScriptedKernel) {
  const devices = new Devices();
  const events: InterfaceEvent[] = [];
  const subscription = interfaceEvents({ kernel, devices, clock: { now: () => 7 } }).subscribe((e) => events.push(e));
  return { devices, subscription, take: () => events.splice(0) };
}

const facts = (events: readonly InterfaceEvent[]) =>
  events.map((event) => (event.type === 'interface.lost' ? event.index : event.facts));

describe('facts of interfaces', () => {
  test('DISC-2: each link that stands at the start is found, with its addresses, default routes and device', () => {
    const kernel = new ScriptedKernel();
    kernel.say(
      added('link', eth0),
      added('address', address(2, '192.0.2.7', { peer: '192.0.2.8' })),
      added('address', address(2, '2001:db8::7')),
      added('route', defaultRoute(2, '192.0.2.1')),
      added('link', link(3, 'br0', { kind: 'bridge', isUp: false, hasCarrier: false })),
    );
    const { take } = watch(kernel);
    const events = take();
    expect(events[1]).toMatchObject({ type: 'interface.found', facts: { name: 'br0', kind: 'bridge', isUp: false } });
    expect(events.slice(0, 1)).toEqual([
      {
        type: 'interface.found',
        at: 7,
        facts: {
          index: 2,
          name: 'eth0',
          kind: null,
          hardwareType: 1,
          isLoopback: false,
          isPointToPoint: false,
          isEnslaved: false,
          isUp: true,
          hasCarrier: true,
          mtu: 1500,
          macAddress: '02:00:00:00:00:02',
          addresses: {
            ipv4: [{ address: '192.0.2.7', prefixLength: 24, peer: '192.0.2.8' }],
            ipv6: [{ address: '2001:db8::7', prefixLength: 64, peer: null }],
          },
          defaultRoutes: [{ family: 'ipv4', gateway: '192.0.2.1', table: 254, metric: 100, protocol: 16 }],
          device: { ...noDeviceFacts, driver: 'driver of eth0' },
        },
      },
    ]);
  });

  test('DISC-5: only addresses of global scope count: none that is tentative or link-local, deprecated ones last', () => {
    const kernel = new ScriptedKernel();
    kernel.say(
      added('link', eth0),
      added('address', address(2, '2001:db8::1', { isDeprecated: true })),
      added('address', address(2, '2001:db8::3')),
      added('address', address(2, '2001:db8::2')),
      added('address', address(2, '2001:db8::4', { isTentative: true })),
      added('address', address(2, 'fe80::1', { scope: 'link' })),
      added('address', address(2, '169.254.3.4')),
      added('address', address(2, '10.0.0.1', { scope: 'host' })),
      added('address', address(9, '10.9.9.9')),
    );
    expect(facts(watch(kernel).take())).toMatchObject([
      {
        addresses: {
          ipv4: [],
          ipv6: [{ address: '2001:db8::3' }, { address: '2001:db8::2' }, { address: '2001:db8::1' }],
        },
      },
    ]);
  });

  test('an address that is added later does not take the place of the first, whatever its text', () => {
    const kernel = new ScriptedKernel();
    kernel.say(added('link', eth0), added('address', address(2, '192.0.2.9')));
    const { take } = watch(kernel);
    take();
    kernel.say(added('address', address(2, '192.0.2.3')));
    expect(facts(take())).toMatchObject([
      { addresses: { ipv4: [{ address: '192.0.2.9' }, { address: '192.0.2.3' }] } },
    ]);
  });

  test('DISC-6: default routes of others are sorted by metric; our own, and those that lead nowhere, are no evidence', () => {
    const kernel = new ScriptedKernel();
    kernel.say(
      added('link', eth0),
      added('route', defaultRoute(2, '192.0.2.3', { metric: 300 })),
      added('route', defaultRoute(2, '192.0.2.1', { metric: 100, table: 77 })),
      added('route', defaultRoute(2, '192.0.2.2', { metric: 50, protocol: ownProtocol })),
      added('route', defaultRoute(2, '192.0.2.4', { metric: 10, type: 'unreachable' })),
      added('route', defaultRoute(2, '192.0.2.5', { metric: 10, destination: '10.0.0.0/8' })),
    );
    expect(facts(watch(kernel).take())).toMatchObject([
      { defaultRoutes: [{ gateway: '192.0.2.1', table: 77 }, { gateway: '192.0.2.3' }] },
    ]);
  });
});

describe('changes of interfaces', () => {
  function started() {
    const kernel = new ScriptedKernel();
    kernel.say(added('link', eth0), added('link', link(3, 'wlan0')));
    const watched = watch(kernel);
    watched.take();
    return { kernel, ...watched };
  }

  test('DISC-1: a batch gives one event for each interface that it changed, in the kernel’s own callback', () => {
    const { kernel, take } = started();
    kernel.say(
      changed('link', eth0, { ...eth0, mtu: 1400 }),
      added('address', address(2, '192.0.2.7')),
      added('route', defaultRoute(2, '192.0.2.1')),
      added('address', address(3, '192.0.3.7')),
    );
    expect(take()).toMatchObject([
      { type: 'interface.changed', facts: { index: 2, mtu: 1400, addresses: { ipv4: [{}] }, defaultRoutes: [{}] } },
      { type: 'interface.changed', facts: { index: 3, addresses: { ipv4: [{ address: '192.0.3.7' }] } } },
    ]);
  });

  test('what alters no fact gives no event', () => {
    const { kernel, take } = started();
    kernel.say(
      changed('link', eth0, { ...eth0, lowerIndex: 99 }),
      added('address', address(2, 'fe80::5', { scope: 'link' })),
      added('route', defaultRoute(2, '192.0.2.1', { protocol: ownProtocol })),
      added('neighbour', neighbour(2, '192.0.2.1', 'reachable')),
      added('address', address(2, '192.0.2.7')),
      removed('address', address(2, '192.0.2.7')),
    );
    expect(take()).toEqual([]);
  });

  test('DISC-5: a renamed link is the same interface, and its device is read anew', () => {
    const { kernel, take, devices } = started();
    expect(devices.readings).toEqual(['eth0', 'wlan0']);
    kernel.say(changed('link', eth0, { ...eth0, name: 'enx0' }));
    kernel.say(changed('link', { ...eth0, name: 'enx0' }, { ...eth0, name: 'enx0', mtu: 900 }));
    expect(take()).toMatchObject([
      { type: 'interface.changed', facts: { index: 2, name: 'enx0', device: { driver: 'driver of enx0' } } },
      { type: 'interface.changed', facts: { index: 2, mtu: 900 } },
    ]);
    expect(devices.readings).toEqual(['eth0', 'wlan0', 'enx0']);
  });

  test('DISC-5: a link that is deleted is lost, and found when its index comes back', () => {
    const { kernel, take } = started();
    kernel.say(added('address', address(2, '192.0.2.7')));
    take();
    kernel.say(removed('link', eth0), removed('address', address(2, '192.0.2.7')));
    expect(take()).toEqual([{ type: 'interface.lost', at: 7, index: 2 }]);
    kernel.say(added('link', eth0));
    expect(take()).toMatchObject([{ type: 'interface.found', facts: { index: 2, addresses: { ipv4: [] } } }]);
  });

  test.each([
    ['deleted and created', [removed('link', eth0), added('link', eth0)]],
    ['created, with its deletion missed', [added('link', eth0)]],
    ['of another kind', [changed('link', eth0, { ...eth0, kind: 'veth' })]],
  ])('DISC-5: an index that is %s within one batch is lost and found', (_, changes) => {
    const { kernel, take, devices } = started();
    // A dump may tell the new addresses before the new link.
    kernel.say(added('address', address(2, '192.0.2.9')), ...changes);
    expect(take()).toMatchObject([
      { type: 'interface.lost', index: 2 },
      { type: 'interface.found', facts: { index: 2, addresses: { ipv4: [{ address: '192.0.2.9' }] } } },
    ]);
    expect(devices.readings).toEqual(['eth0', 'wlan0', 'eth0']);
  });

  test('a link that comes and goes within one batch is never told', () => {
    const { kernel, take } = started();
    kernel.say(added('link', link(9, 'usb0')), removed('link', link(9, 'usb0')));
    expect(take()).toEqual([]);
  });

  test('an address that is told before its link stands in the facts of the found link', () => {
    const { kernel, take } = started();
    kernel.say(added('address', address(9, '192.0.2.7')));
    expect(take()).toEqual([]);
    kernel.say(added('link', link(9, 'usb0')));
    expect(take()).toMatchObject([{ type: 'interface.found', facts: { addresses: { ipv4: [{}] } } }]);
  });

  test('after the end the kernel is not listened to', () => {
    const { kernel, take, subscription } = started();
    subscription.unsubscribe();
    kernel.say(removed('link', eth0));
    expect(take()).toEqual([]);
    expect(kernel.listeners.size).toBe(0);
  });

  test('an event costs the same with 100 interfaces as with one: no map of the kernel is searched', () => {
    const { kernel, take } = started();
    const searched = (): never => {
      throw new Error('searched');
    };
    for (const map of [kernel.state.addresses, kernel.state.routes, kernel.state.links]) {
      Object.assign(map, { values: searched, keys: searched, entries: searched, forEach: searched });
    }
    kernel.say(added('address', address(2, '192.0.2.7')), added('route', defaultRoute(2, '192.0.2.1')));
    kernel.say(removed('link', link(3, 'wlan0')));
    expect(take().map(({ type }) => type)).toEqual(['interface.changed', 'interface.lost']);
  });
});
