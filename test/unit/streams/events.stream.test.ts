import { BehaviorSubject, Subject } from 'rxjs';
import { describe, expect, test } from 'vitest';
import { defaultConfig } from '../../../src/model/config.ts';
import type { NodeEvent, NodeIntent } from '../../../src/model/events.ts';
import { noDeviceFacts } from '../../../src/model/interface.ts';
import { noNetwork } from '../../../src/model/network.ts';
import { instant } from '../../../src/model/units.ts';
import { inTurn, nodeEvents } from '../../../src/streams/events.stream.ts';
import { FakeProber } from '../../fakes/prober.ts';
import { SimulatedTime } from '../../fakes/simulated-time.ts';
import { active } from './probe-bench.ts';
import { ScriptedKernel, added, changed, defaultRoute, link, neighbour, removed } from './scripted-kernel.ts';

const wanted: NodeIntent = {
  network: {
    ...noNetwork,
    uplinks: [{ index: 2, name: 'eth0', paths: { ipv4: { addresses: [], gateway: '192.0.2.1' }, ipv6: null } }],
  },
  probes: [active(2)],
  stranded: [],
  hotspot: null,
  leases: [],
};

function node(react: (event: NodeEvent, intents$: BehaviorSubject<NodeIntent>, commands$: Subject<NodeEvent>) => void) {
  const time = new SimulatedTime();
  const kernel = new ScriptedKernel();
  const prober = new FakeProber(time);
  const intents$ = new BehaviorSubject<NodeIntent>({
    network: noNetwork,
    probes: [],
    stranded: [],
    hotspot: null,
    leases: [],
  });
  const commands$ = new Subject<NodeEvent>();
  const events: NodeEvent[] = [];
  kernel.say(added('link', link(2, 'eth0')));
  const subscription = nodeEvents({
    kernel,
    devices: { read: () => noDeviceFacts },
    prober,
    traffic: { read: () => new Map() },
    carriers: { readCarrier: () => null },
    intents$,
    commands$,
    config: defaultConfig.probe,
    stall: defaultConfig.stall,
    clock: time,
    scheduler: time,
    random: () => 0.5,
  }).subscribe((event) => {
    events.push(event);
    react(event, intents$, commands$);
  });
  return {
    time,
    kernel,
    prober,
    intents$,
    commands$,
    events,
    subscription,
    types: () => events.map(({ type }) => type),
  };
}

const pin = (at: number): NodeEvent => ({ type: 'command.pin', at: instant(at), name: 'eth0' });

describe('everything that enters the machines', () => {
  test('an intent that answers the first interface is probed at once', async () => {
    const { time, types, prober } = node((event, intents$) => {
      if (event.type === 'interface.found') intents$.next(wanted);
    });
    expect(prober.sent).toHaveLength(2);
    await time.run(30);
    expect(types()).toEqual(['interface.found', 'probe.finished']);
  });

  test('DISC-1: an event leaves in the kernel’s callback; the interface’s change comes before the signal of the same batch', () => {
    const { kernel, types, intents$ } = node(() => undefined);
    kernel.say(added('route', defaultRoute(2, '192.0.2.1')));
    intents$.next(wanted);
    kernel.say(
      changed('neighbour', neighbour(2, '192.0.2.1', 'probe'), neighbour(2, '192.0.2.1', 'failed')),
      removed('route', defaultRoute(2, '192.0.2.1')),
    );
    expect(types()).toEqual([
      'interface.found',
      'interface.changed',
      'interface.changed',
      'uplink.suspected',
      'uplink.suspected',
    ]);
  });

  test('HLTH-5: a signal starts a burst, whether the kernel gives it or a command', async () => {
    const { kernel, time, prober, intents$, commands$ } = node(() => undefined);
    intents$.next(wanted);
    await time.run(1000);
    kernel.say(added('neighbour', neighbour(2, '192.0.2.1', 'failed')));
    expect(prober.sent).toHaveLength(4);
    await time.run(2500);
    commands$.next({ type: 'uplink.suspected', at: instant(3500), index: 2, family: 'ipv4', signal: 'addressLost' });
    await time.run(1000);
    expect(prober.sent.map(({ at }) => at).filter((at) => at > 3300)).toHaveLength(10);
  });

  test('an event that is caused by another comes after it, and time never goes back', () => {
    const source$ = new Subject<NodeEvent>();
    const seen: [number, string][] = [];
    inTurn(source$).subscribe((event) => {
      if (event.at === 5) source$.next(pin(7));
      seen.push([event.at, event.type]);
    });
    source$.next({ type: 'command.unpin', at: instant(5) });
    source$.next({ type: 'command.unpin', at: instant(6) });
    expect(seen).toEqual([
      [5, 'command.unpin'],
      [7, 'command.pin'],
      [7, 'command.unpin'],
    ]);
  });

  test('the end of the subscription ends all', async () => {
    const { kernel, intents$, commands$, prober, subscription, time } = node(() => undefined);
    intents$.next(wanted);
    subscription.unsubscribe();
    expect([kernel.listeners.size, intents$.observed, commands$.observed, prober.underWay, time.pending]).toEqual([
      0,
      false,
      false,
      0,
      0,
    ]);
  });
});
