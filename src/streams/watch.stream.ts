import { BehaviorSubject, distinctUntilChanged, interval, Observable, switchMap, timer } from 'rxjs';
import type { SchedulerLike } from 'rxjs';
import type { StallConfig } from '../model/config.ts';
import type { NodeEvent, ProbeIntent } from '../model/events.ts';
import { instant, milliseconds } from '../model/units.ts';
import {
  trafficKey,
  type CarrierReader,
  type Clock,
  type KernelSource,
  type SleepReader,
  type TrafficReader,
} from './ports.ts';
import type { SignalEvent } from './signal.stream.ts';
import { TrafficSuspicion } from './traffic-suspicion.ts';

/** Milliseconds from look to look: when nothing happens, while traffic flows, and right after a link event. */
const pace = { idle: 500, flowing: 50, alert: 20 } as const;
/** The kernel holds link events back for a second at most (net/core/link_watch.c); twice that and a little. */
const alertFor = 2200;
/** What differs by less is the grain of the clocks that are compared. */
const shortestSleep = 1000;
/** Our own probes are fewer packets than this in one sample. */
const flowMinSent = 8;

export interface WatchSources {
  readonly kernel: KernelSource;
  /** What is probed is what is watched. The latest is replayed on subscription. */
  readonly probes$: Observable<readonly ProbeIntent[]>;
  readonly traffic: TrafficReader;
  readonly carriers: CarrierReader;
  readonly sleep: SleepReader;
  /** Is told the time of each look: whoever has to look at something now and then needs no wake-up of its own. */
  readonly onLook?: (at: number) => void;
  readonly config: StallConfig;
  readonly clock: Clock;
  readonly scheduler: SchedulerLike;
}

export type ResumeEvent = Extract<NodeEvent, { type: 'node.resumed' }>;

/** One uplink and family that is watched. */
interface Watched {
  readonly intent: ProbeIntent;
  readonly suspicion: TrafficSuspicion;
}

/**
 * Looks at what netlink does not tell: traffic without answers, carrier that is gone and not yet reported (HLTH-6), and
 * a sleep of the machine, by the clock that goes on meanwhile.
 *
 * Each look costs a wake-up, so there are few while nothing can happen: twice a second; every 50 ms while the active
 * uplink carries traffic; every 20 ms for 2.2 s after a link event, since it is then that the kernel holds the next one
 * back. Counters are read each `stall.sample` at most. Carrier is only read: the kernel takes the routes of a link
 * without carrier out of use, and reports it, when it is asked.
 */
export const watchEvents = (sources: WatchSources): Observable<SignalEvent | ResumeEvent> =>
  new Observable((subscriber) => {
    const { kernel, probes$, traffic, carriers, sleep, onLook, config, clock, scheduler } = sources;
    let sleptBefore = sleep.asleep();
    let watched = new Map<string, Watched>();
    let alertUntil = -Infinity;
    let isFlowing = false;
    let sampledAt = -Infinity;
    let allReadAt = -Infinity;
    const pace$ = new BehaviorSubject<number>(pace.idle);
    const sent = new Map<string, number>();

    const settlePace = (): void => {
      const next = clock.now() < alertUntil ? pace.alert : isFlowing ? pace.flowing : pace.idle;
      if (next !== pace$.value) pace$.next(next);
    };

    const sample = (at: number): void => {
      const counted = traffic.read();
      let flows = false;
      for (const [key, { intent, suspicion }] of watched) {
        const now = counted.get(key);
        if (now === undefined) continue;
        flows ||= intent.role === 'active' && now.sent - (sent.get(key) ?? now.sent) >= flowMinSent;
        sent.set(key, now.sent);
        const signal = suspicion.note(at, now);
        const { index, family } = intent;
        if (signal !== null) subscriber.next({ type: 'uplink.suspected', at: instant(at), index, family, signal });
      }
      isFlowing = flows;
      sampledAt = at;
    };

    const noticeSleep = (at: number): void => {
      const slept = sleep.asleep();
      const duration = slept === null || sleptBefore === null ? 0 : slept - sleptBefore;
      sleptBefore = slept;
      if (duration >= shortestSleep) {
        subscriber.next({ type: 'node.resumed', at: instant(at), slept: milliseconds(duration) });
      }
    };

    const look = (): void => {
      const at = clock.now();
      // Of the others, whose carrier nobody's traffic hangs on, two looks a second are enough.
      const isForAll = at < alertUntil || at - allReadAt >= pace.idle - pace.alert / 2;
      if (isForAll) {
        allReadAt = at;
        noticeSleep(at);
      }
      const names = new Set<string>();
      for (const { intent } of watched.values()) {
        if (isForAll || intent.role === 'active') names.add(intent.name);
      }
      for (const name of names) carriers.readCarrier(name);
      // A timer that fires a little early must not put the sample off by a whole look.
      if (at - sampledAt >= config.sample - pace.alert / 2) sample(at);
      onLook?.(at);
      settlePace();
    };

    subscriber.add(
      probes$.subscribe((probes) => {
        const next = new Map<string, Watched>();
        for (const intent of probes) {
          const key = trafficKey(intent.index, intent.family);
          const known = watched.get(key);
          const isSamePath = known?.intent.path === intent.path;
          next.set(key, { intent, suspicion: isSamePath ? known.suspicion : new TrafficSuspicion(config) });
          if (!isSamePath) sent.delete(key);
        }
        watched = next;
      }),
    );
    subscriber.add(
      kernel.subscribe((changes) => {
        if (!changes.some(({ object }) => object === 'link')) return;
        alertUntil = clock.now() + alertFor;
        settlePace();
      }),
    );
    subscriber.add(
      pace$
        .pipe(
          distinctUntilChanged(),
          // At once, yet after those who answer to the same link event: they move the traffic.
          switchMap((every) => (every === pace.idle ? interval(every, scheduler) : timer(0, every, scheduler))),
        )
        .subscribe(look),
    );
  });
