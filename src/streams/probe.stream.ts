import { Observable, type SchedulerLike } from 'rxjs';
import type { ProbeConfig } from '../model/config.ts';
import type { ProbeIntent } from '../model/events.ts';
import { milliseconds, type Milliseconds } from '../model/units.ts';
import type { Clock, Prober } from './ports.ts';
import { CommonRounds, type BurstMemory } from './probe-schedule.stream.ts';
import type { SignalEvent } from './signal.stream.ts';
import { TargetLedger, type TargetEvent } from './target-ledger.ts';
import { UplinkProbes, type ProbeTools, type RoundEvent } from './uplink-probes.ts';

export type ProbeEvent = RoundEvent | TargetEvent;

export interface ProbeOptions {
  /** What shall be probed, complete each time. */
  readonly intents$: Observable<readonly ProbeIntent[]>;
  /** Passive signs of trouble: each starts a burst on its uplink. */
  readonly signals$: Observable<Pick<SignalEvent, 'index' | 'family'>>;
  readonly config: ProbeConfig;
  readonly prober: Prober;
  readonly clock: Clock;
  readonly scheduler: SchedulerLike;
  /** Uniform in [0, 1): the jitter of intervals. */
  readonly random: () => number;
  /** The least time an answer is waited for: 200 ms, where nothing else is given. */
  readonly minTimeout?: Milliseconds;
}

/**
 * Probes the uplinks that the machines want probed, and tells what came of it (HLTH-1, HLTH-3 to HLTH-5, HLTH-7).
 *
 * Each uplink, family and path has rounds of its own: they start at once with the intent and end with it, and what is
 * under way is aborted. `probe.finished` comes when it is known what the losses in a round mean (see `ripen`): at once for
 * a round that all targets answered, and for one that none did. `probe.answeredLate` puts a sample in the place of a
 * loss that was told. `target.blamed` and `target.cleared` say whose fault losses are; those of a blamed target are in no round.
 * Rounds of a burst overlap, so they need not finish in the order of their ids.
 *
 * Events are emitted one after the other, also when the listener's answer to one is a new intent. It errs only if an input does.
 */
export const probeEvents = (options: ProbeOptions): Observable<ProbeEvent> =>
  new Observable((subscriber) => {
    const { config, prober, clock, scheduler, random, minTimeout = milliseconds(200) } = options;
    const uplinks = new Map<string, UplinkProbes>();
    const bursts = new Map<string, BurstMemory>();
    let rounds = 0;

    const outbox: ProbeEvent[] = [];
    let isTelling = false;
    const tell = (event: ProbeEvent): void => void outbox.push(event);
    const flush = (): void => {
      if (isTelling) return;
      isTelling = true;
      for (let next = outbox.shift(); next !== undefined; next = outbox.shift()) subscriber.next(next);
      isTelling = false;
    };

    const ledger = new TargetLedger(() => uplinks.values(), clock, tell);
    const tools: ProbeTools = {
      config,
      minTimeout,
      prober,
      clock,
      scheduler,
      random,
      common: new CommonRounds(),
      ledger,
      nextRound: () => ++rounds,
      tell,
      flush,
    };

    const memoryOf = (intent: ProbeIntent): BurstMemory => {
      const memory = bursts.get(uplinkOf(intent)) ?? { lastBurst: -Infinity, wasUnclear: false };
      bursts.set(uplinkOf(intent), memory);
      return memory;
    };
    const forgetOldBursts = (intents: readonly ProbeIntent[]): void => {
      const used = new Set(intents.map(uplinkOf));
      for (const [uplink, { lastBurst }] of bursts) {
        if (!used.has(uplink) && clock.now() - lastBurst >= config.standbyBurstInterval) bursts.delete(uplink);
      }
    };

    const follow = (intents: readonly ProbeIntent[]): void => {
      const wanted = new Map(intents.map((intent) => [keyOf(intent), intent]));
      for (const [key, uplink] of uplinks) {
        if (wanted.has(key)) continue;
        uplinks.delete(key);
        uplink.stop();
        ledger.forget(uplink);
      }
      forgetOldBursts(intents);
      for (const [key, intent] of wanted) {
        const running = uplinks.get(key);
        if (running !== undefined) {
          running.update(intent);
          continue;
        }
        const uplink = new UplinkProbes(intent, tools);
        uplinks.set(key, uplink);
        uplink.start(memoryOf(intent));
      }
      flush();
    };

    subscriber.add(() => {
      for (const uplink of uplinks.values()) uplink.stop();
    });
    subscriber.add(options.intents$.subscribe({ next: follow, error: (error: unknown) => subscriber.error(error) }));
    subscriber.add(
      options.signals$.subscribe({
        next: ({ index, family }) => {
          for (const uplink of uplinks.values()) {
            if (uplink.index === index && uplink.family === family) uplink.suspect();
          }
        },
        error: (error: unknown) => subscriber.error(error),
      }),
    );
  });

const uplinkOf = ({ index, family }: ProbeIntent): string => `${index} ${family}`;
const keyOf = (intent: ProbeIntent): string =>
  [uplinkOf(intent), intent.path, ...(intent.targets ?? []).map(({ text }) => text)].join(' ');
