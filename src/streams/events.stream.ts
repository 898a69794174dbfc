import { map, merge, Observable, Subject, type SchedulerLike } from 'rxjs';
import type { ProbeConfig, StallConfig } from '../model/config.ts';
import type { NodeEvent, NodeIntent } from '../model/events.ts';
import type { Instant, Milliseconds } from '../model/units.ts';
import { interfaceEvents } from './interface.stream.ts';
import { withMemory } from './memory.stream.ts';
import type {
  CarrierReader,
  Clock,
  DeviceReader,
  KernelSource,
  MemoryReader,
  Prober,
  SleepReader,
  TrafficReader,
  UsageCounter,
} from './ports.ts';
import { probeEvents } from './probe.stream.ts';
import { signalEvents, type SignalEvent } from './signal.stream.ts';
import { withUsage } from './usage.stream.ts';
import { watchEvents } from './watch.stream.ts';

export interface NodeEventSources {
  readonly kernel: KernelSource;
  readonly devices: DeviceReader;
  readonly prober: Prober;
  readonly traffic: TrafficReader;
  readonly carriers: CarrierReader;
  /** Nothing is remembered, where none is given. */
  readonly memory?: MemoryReader;
  /** The machine never sleeps, where none is given. */
  readonly sleep?: SleepReader;
  /** Nothing is counted, where none is given. */
  readonly usage?: UsageCounter;
  /**
   * What the machines want. It must replay the latest value to whoever subscribes (a BehaviorSubject does): the first
   * interfaces are found, and answered with an intent, while the streams are still being set up.
   */
  readonly intents$: Observable<NodeIntent>;
  /** What else enters the machines: commands, results of operations, signals from other sources. */
  readonly commands$: Observable<NodeEvent>;
  readonly config: ProbeConfig;
  readonly stall: StallConfig;
  readonly clock: Clock;
  readonly scheduler: SchedulerLike;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  /** The least time an answer is waited for: 200 ms, where nothing else is given. */
  readonly minTimeout?: Milliseconds;
}

const noMemory: MemoryReader = { recall: () => null };
const noSleep: SleepReader = { asleep: () => null };
const noUsage: UsageCounter = { found() {}, changed() {}, lost() {}, look() {}, takeLevels: () => [] };

/**
 * Everything that enters the machines, in one stream: of a batch of kernel changes what it means for interfaces comes
 * first and the signals after it; probes and commands come when they happen.
 *
 * It is synchronous: an event is emitted in the callback that brought it. One event is finished before the next is
 * emitted, also when the listener's answer to the first causes the second, and `at` never decreases. A signal is told
 * before it starts its burst. The stream errs only if an input does; unsubscribing ends all probes.
 */
export const nodeEvents = (sources: NodeEventSources): Observable<NodeEvent> =>
  new Observable((subscriber) => {
    const { kernel, clock, intents$, commands$, memory = noMemory, sleep = noSleep, usage = noUsage } = sources;
    const signals$ = new Subject<SignalEvent>();
    const looks$ = new Subject<number>();
    const probes$ = intents$.pipe(map((intent) => intent.probes));
    const events$ = merge<NodeEvent[]>(
      // First, so that what they are asked for while interfaces are found is not missed.
      probeEvents({ ...sources, intents$: probes$, signals$ }),
      commands$,
      withUsage(withMemory(interfaceEvents(sources), memory), usage, looks$),
      signalEvents({ kernel, network$: intents$.pipe(map((intent) => intent.network)), clock }),
      watchEvents({ ...sources, sleep, probes$, onLook: (at) => looks$.next(at), config: sources.stall }),
    );
    subscriber.add(
      inTurn(events$).subscribe({
        next(event) {
          subscriber.next(event);
          if (event.type === 'uplink.suspected') signals$.next(event);
        },
        error: (error: unknown) => subscriber.error(error),
        complete: () => subscriber.complete(),
      }),
    );
  });

/** Emits one event after the other, never one within another, and lets no event be older than the one before. */
export const inTurn = (events$: Observable<NodeEvent>): Observable<NodeEvent> =>
  new Observable((subscriber) => {
    const waiting: NodeEvent[] = [];
    let isEmitting = false;
    let latest: Instant | null = null;
    subscriber.add(
      events$.subscribe({
        next(event) {
          waiting.push(event);
          if (isEmitting) return;
          isEmitting = true;
          for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
            latest = latest === null || next.at > latest ? next.at : latest;
            subscriber.next(next.at === latest ? next : { ...next, at: latest });
          }
          isEmitting = false;
        },
        error: (error: unknown) => subscriber.error(error),
        complete: () => subscriber.complete(),
      }),
    );
  });
