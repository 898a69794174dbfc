import { BehaviorSubject } from 'rxjs';
import { describe, expect, test } from 'vitest';
import { ownProtocol, type NetworkIntent } from '../../../src/model/network.ts';
import { signalEvents, type SignalEvent } from '../../../src/streams/signal.stream.ts';
import { ScriptedKernel, added, address, changed, defaultRoute, link, neighbour, removed } from './scripted-kernel.ts';

const intent: NetworkIntent = {
  uplinks: [
    { index: 2, name: 'eth0', paths: { ipv4: { addresses: [], gateway: '192.0.2.1' }, ipv6: null } },
    { index: 3, name: 'ppp0', paths: { ipv4: { addresses: [], gateway: null }, ipv6: null } },
  ],
  ranking: { ipv4: [], ipv6: [] },
};

function watched() {
  const kernel = new ScriptedKernel();
  kernel.say(added('link', link(2, 'eth0')), added('link', link(3, 'ppp0')), added('link', link(4, 'lan0')));
  const network$ = new BehaviorSubject(intent);
  const events: SignalEvent[] = [];
  const subscription = signalEvents({ kernel, network$, clock: { now: () => 5 } }).subscribe((e) => events.push(e));
  const take = () => events.splice(0).map(({ index, family, signal }) => `${index} ${family} ${signal}`);
  return { kernel, network$, subscription, take };
}

describe('HLTH-6: passive signals', () => {
  test('a gateway’s neighbour entry that fails is told once', () => {
    const { kernel, take } = watched();
    const failed = neighbour(2, '192.0.2.1', 'failed');
    kernel.say(changed('neighbour', neighbour(2, '192.0.2.1', 'probe'), failed));
    expect(take()).toEqual(['2 ipv4 neighbourFailed']);
    kernel.say(changed('neighbour', failed, failed));
    expect(take()).toEqual([]);
  });

  test('neighbours that are no gateway, or no longer one, do not count', () => {
    const { kernel, take, network$ } = watched();
    kernel.say(added('neighbour', neighbour(2, '192.0.2.77', 'failed')));
    kernel.say(added('neighbour', neighbour(4, '192.0.2.1', 'failed')));
    network$.next({ ...intent, uplinks: [] });
    kernel.say(added('neighbour', neighbour(2, '192.0.2.1', 'failed')));
    expect(take()).toEqual([]);
  });

  test('a gateway that serves both families raises suspicion in both', () => {
    const { kernel, take, network$ } = watched();
    const way = { addresses: [], gateway: 'fe80::1' };
    network$.next({ ...intent, uplinks: [{ index: 2, name: 'eth0', paths: { ipv4: way, ipv6: way } }] });
    kernel.say(added('neighbour', neighbour(2, 'fe80::1', 'failed')));
    expect(take()).toEqual(['2 ipv4 neighbourFailed', '2 ipv6 neighbourFailed']);
  });

  test('an address or a default route of an uplink that goes is told, once a batch', () => {
    const { kernel, take } = watched();
    kernel.say(removed('address', address(2, '192.0.2.7')), removed('address', address(2, '192.0.2.8')));
    kernel.say(removed('route', defaultRoute(3, '192.0.3.1')));
    expect(take()).toEqual(['2 ipv4 addressLost', '3 ipv4 defaultRouteLost']);
  });

  test('our own routes, addresses of the link and interfaces that are no uplink for the family do not count', () => {
    const { kernel, take } = watched();
    kernel.say(
      removed('route', defaultRoute(2, '192.0.2.1', { protocol: ownProtocol })),
      removed('route', defaultRoute(2, '192.0.2.1', { destination: '10.0.0.0/8' })),
      removed('address', address(2, '192.0.2.9', { scope: 'link' })),
      removed('address', address(2, '2001:db8::9')),
      removed('address', address(4, '192.0.4.9')),
    );
    expect(take()).toEqual([]);
  });

  test('what is replaced by its like in the same batch is not lost', () => {
    const { kernel, take } = watched();
    kernel.say(
      removed('route', defaultRoute(2, '192.0.2.1', { metric: 100 })),
      added('route', defaultRoute(2, '192.0.2.1', { metric: 600 })),
      removed('address', address(2, '192.0.2.7')),
      added('address', address(2, '192.0.2.7', { prefixLength: 16 })),
    );
    expect(take()).toEqual([]);
  });

  test('after the end nothing is listened to', () => {
    const { kernel, network$, subscription } = watched();
    subscription.unsubscribe();
    expect(kernel.listeners.size).toBe(0);
    expect(network$.observed).toBe(false);
  });
});
