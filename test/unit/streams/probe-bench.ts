import { BehaviorSubject, Subject } from 'rxjs';
import { defaultConfig, type ProbeConfig } from '../../../src/model/config.ts';
import type { ProbeIntent } from '../../../src/model/events.ts';
import type { Family } from '../../../src/model/family.ts';
import { isLost } from '../../../src/model/probe.ts';
import { milliseconds } from '../../../src/model/units.ts';
import { probeEvents, type ProbeEvent } from '../../../src/streams/probe.stream.ts';
import { FakeProber, type Ask, type Fate } from '../../fakes/prober.ts';
import { SimulatedTime } from '../../fakes/simulated-time.ts';

export const one = 'tcp://1.1.1.1:53';
export const eight = 'tcp://8.8.8.8:53';

export const intent = (index: number, more: Partial<ProbeIntent> = {}): ProbeIntent => ({
  index,
  name: `eth${index}`,
  family: 'ipv4',
  source: `192.0.2.${index}`,
  path: `192.0.2.${index} via 192.0.2.254`,
  role: 'standby',
  interval: milliseconds(5000),
  isReachable: true,
  ...more,
});

export const active = (index: number, more: Partial<ProbeIntent> = {}): ProbeIntent =>
  intent(index, { role: 'active', ...more });

export interface BenchOptions {
  readonly intents: readonly ProbeIntent[];
  readonly fate?: (ask: Ask) => Fate;
  readonly config?: Partial<ProbeConfig>;
  /** Jitter: 0.5 is none. */
  readonly random?: () => number;
}

/** Probes with simulated time and a scripted network; everything that was told is in `events`. */
export function probeBench({ intents, fate, config = {}, random = () => 0.5 }: BenchOptions) {
  const time = new SimulatedTime();
  const prober = new FakeProber(time, fate);
  const intents$ = new BehaviorSubject(intents);
  const signals$ = new Subject<{ index: number; family: Family }>();
  const events: ProbeEvent[] = [];
  const errors: unknown[] = [];
  const subscription = probeEvents({
    intents$,
    signals$,
    config: { ...defaultConfig.probe, ...config },
    prober,
    clock: time,
    scheduler: time,
    random,
  }).subscribe({ next: (event) => events.push(event), error: (error) => errors.push(error) });

  const rounds = (index?: number) =>
    events
      .filter((event) => event.type === 'probe.finished')
      .filter((event) => index === undefined || event.index === index);
  const sentBy = (index: number, target = eight) =>
    prober.sent.filter((ask) => ask.index === index && ask.target === target).map(({ at }) => at);
  const lossesTold = (index?: number) =>
    rounds(index).flatMap(({ round, at }) => round.samples.filter(isLost).map(({ target }) => ({ at, target })));
  const blames = () =>
    events.flatMap((event) =>
      event.type === 'target.blamed' || event.type === 'target.cleared'
        ? [`${event.type} ${event.target} ${event.index ?? 'everywhere'}`]
        : [],
    );
  return { time, prober, intents$, signals$, events, errors, subscription, rounds, sentBy, lossesTold, blames };
}
