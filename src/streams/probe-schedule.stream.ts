import {
  type BehaviorSubject,
  concatWith,
  defer,
  distinctUntilChanged,
  exhaustMap,
  filter,
  interval,
  map,
  merge,
  of,
  repeat,
  skip,
  startWith,
  switchMap,
  take,
  tap,
  timer,
  type Observable,
  type SchedulerLike,
} from 'rxjs';
import type { ProbeConfig } from '../model/config.ts';
import type { ProbeIntent } from '../model/events.ts';
import type { Instant } from '../model/units.ts';
import type { Clock } from './ports.ts';

/**
 * Why a burst is wanted. `loss`: one sample is lost. `dark`: a whole round is. `signal`: a passive sign of trouble.
 * `madeActive`: the uplink carries the traffic from now on, and what is known of it is old. `unclear`: what has changed came
 * too soon after the burst before, or in the midst of it, and on an uplink that is probed rarely it would be long in doubt.
 */
export type BurstReason = 'loss' | 'dark' | 'signal' | 'madeActive' | 'unclear';

/** When the last burst of an uplink started. It outlives a change of path, or a flapping address would start bursts at will. */
export interface BurstMemory {
  lastBurst: number;
  /** It was one that cleared up after another, and is followed by none of its kind: a link that changes all the time stays dear. */
  wasUnclear: boolean;
}

/**
 * When the next rounds of a node are due, by their interval. A wake-up costs more than what is done in it, so an uplink
 * goes along with another's round where its own jitter lets it, and comes nearer to it where it does not yet: soon all
 * of them start together, each time at random.
 */
export class CommonRounds {
  readonly #dueAt = new Map<number, number>();

  /**
   * The instant of the round after that of `since`: `interval` later, give or take `slack`.
   *
   * @param draw from -1 to 1: the jitter, where no other uplink's round is ahead
   */
  next(since: number, interval: number, slack: number, draw: number): number {
    const nominal = since + interval;
    const another = this.#dueAt.get(interval) ?? -Infinity;
    const ahead = another - since;
    if (ahead > 0 && Math.abs(another - nominal) <= slack) return another;
    const shift = ahead <= 0 ? draw : ahead < interval / 2 ? 1 : -1;
    const dueAt = Math.max(since + 1, nominal + slack * shift);
    this.#dueAt.set(interval, dueAt);
    return dueAt;
  }
}

export interface ScheduleOptions {
  readonly intent$: BehaviorSubject<ProbeIntent>;
  readonly wishes$: Observable<BurstReason>;
  /** Starts of rounds in which the uplink was found to be another than before. */
  readonly changes$: Observable<Instant>;
  readonly memory: BurstMemory;
  readonly config: ProbeConfig;
  readonly clock: Clock;
  readonly scheduler: SchedulerLike;
  readonly random: () => number;
  /** Shared by all schedules of the node. */
  readonly common: CommonRounds;
}

/**
 * The least time from the start of one burst to the start of the next.
 *
 * A standby uplink has one burst in 30 s and no more, and so has one that is known to be unreachable: a burst is there to
 * reach a verdict. The reachable active one has a burst whenever one is asked for, but lone losses are answered by
 * one per interval: half the time a lossy link is measured four times a second, and it never is for ever.
 */
export function burstSpacing(reason: BurstReason, intent: ProbeIntent, config: ProbeConfig): number {
  if (reason === 'unclear') return 0;
  if (intent.role === 'standby' || !intent.isReachable) return config.standbyBurstInterval;
  return reason === 'loss' ? intent.interval : 0;
}

/** An uplink that is probed this rarely is one on which bytes cost. */
export const isRare = ({ role, interval }: ProbeIntent, { standbyBurstInterval }: ProbeConfig): boolean =>
  role === 'standby' && interval > standbyBurstInterval;

/**
 * When the rounds of one uplink and family start (HLTH-5): the first at once, then one each interval ± jitter, measured
 * from start to start, and bursts beside them. The intent may change role and interval at any time; the time since the
 * last round counts. A burst that runs is neither extended nor doubled.
 */
export const probeSchedule = (options: ScheduleOptions): Observable<'interval' | 'burst'> =>
  defer(() => {
    const { intent$, wishes$, changes$, memory, config, clock, scheduler, random, common } = options;
    let lastTick: number | null = null;
    let lastRound = clock.now();
    const share = config.jitter / 100;
    const nextTick = (since: number, duration: number): Observable<number> => {
      const dueAt = common.next(since, duration, duration * share, 2 * random() - 1);
      return timer(Math.max(0, dueAt - clock.now()), scheduler);
    };
    const firstTick = (duration: number): Observable<number> =>
      lastTick === null ? of(0) : nextTick(lastTick, duration);

    const ticks$ = intent$.pipe(
      map((intent) => intent.interval),
      distinctUntilChanged(),
      switchMap((duration) =>
        firstTick(duration).pipe(concatWith(defer(() => nextTick(clock.now(), duration)).pipe(repeat()))),
      ),
      tap(() => {
        lastTick = clock.now();
      }),
      map(() => 'interval' as const),
    );

    const madeActive$ = intent$.pipe(
      map((intent) => intent.role),
      distinctUntilChanged(),
      skip(1),
      filter((role) => role === 'active' && clock.now() - lastRound > config.interval * (1 + share)),
      map(() => 'madeActive' as const),
    );

    const unclear$ = changes$.pipe(
      filter((since) => isRare(intent$.value, config) && !memory.wasUnclear && memory.lastBurst < since),
      exhaustMap((since) =>
        timer(Math.max(0, memory.lastBurst + config.standbyBurstInterval - clock.now()), scheduler).pipe(
          // Another burst has cleared it up meanwhile.
          filter(() => memory.lastBurst < since),
        ),
      ),
      map(() => 'unclear' as const),
    );

    const bursts$ = merge(madeActive$, wishes$, unclear$).pipe(
      filter((reason) => clock.now() - memory.lastBurst >= burstSpacing(reason, intent$.value, config)),
      exhaustMap((reason) => {
        memory.lastBurst = clock.now();
        memory.wasUnclear = reason === 'unclear';
        return interval(config.burstInterval, scheduler).pipe(startWith(0), take(config.burstRounds));
      }),
      map(() => 'burst' as const),
    );

    // Bursts first: the first tick may lose its samples before anyone would listen.
    return merge(bursts$, ticks$).pipe(
      tap(() => {
        lastRound = clock.now();
      }),
    );
  });
