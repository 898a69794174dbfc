/**
 * Runs a recording through the machines again.
 *
 * - `exact`: every timer fires where it fired. What comes of it is what came of it then, to the last digit.
 * - `byTime`: timers fire when they are due. For other machines or another configuration than the recorded ones, which
 *   have other timers.
 */
import { createActor, type Subscription } from 'xstate';
import { nodeMachine } from '../machines/node/node.machine.ts';
import type { Config } from '../model/config.ts';
import type { RecordingEntry, RecordingHeader } from '../model/recording.ts';
import type { TraceItem } from '../model/trace.ts';
import { elapsed, type Instant } from '../model/units.ts';
import { restoreActor, type NodeActor } from './checkpoint.ts';
import { machinesDigest, networkDigest } from './digest.ts';
import { traceOf } from './trace.ts';
import { VirtualTimers } from './virtual-timers.ts';

/** What came of what entered. */
export type Outcome = Extract<RecordingEntry, { readonly type: 'told' | 'wanted' }>;

export type ReplayMode = 'exact' | 'byTime';

export interface ReplayOptions {
  /** Another configuration than the recorded one. */
  readonly config?: Config;
  /** `exact` where it can be, unless given. */
  readonly mode?: ReplayMode;
  readonly onOutcome?: (outcome: Outcome) => void;
  readonly onTrace?: (item: TraceItem) => void;
  /** A timer that had fired does not run: the machines are not those of the recording. From here on it goes by time. */
  readonly onMissingTimer?: (entry: Extract<RecordingEntry, { readonly type: 'timer' }>) => void;
}

export class Replay {
  readonly #options: ReplayOptions;
  #header: RecordingHeader | null = null;
  #mode: ReplayMode = 'byTime';
  #timers = new VirtualTimers();
  #actor: NodeActor | null = null;
  #failure: string | null = null;
  #end: () => void = () => {};

  constructor(options: ReplayOptions = {}) {
    this.#options = options;
  }

  get mode(): ReplayMode {
    return this.#mode;
  }

  get now(): Instant {
    return this.#timers.now;
  }

  /** The machines as they stand; null before the first segment. */
  get actor(): NodeActor | null {
    return this.#actor;
  }

  /** Why the machines themselves failed; null as long as they have not. Then nothing comes of anything any more. */
  get failure(): string | null {
    return this.#failure;
  }

  /** An instant of the run as ISO 8601 in UTC. */
  wallTime(at: Instant): string {
    if (this.#header === null) return '';
    const time = Date.parse(this.#header.wallTime) + elapsed(this.#header.at, at);
    return Number.isNaN(new Date(time).getTime()) ? this.#header.wallTime : new Date(time).toISOString();
  }

  /**
   * A segment begins. One that follows on the one before goes on with the machines as they stand; every other starts
   * them where its checkpoint has them, or anew.
   *
   * @throws TypeError when the machines cannot be started from its checkpoint
   */
  enter(header: RecordingHeader): void {
    const before = this.#header;
    this.#header = header;
    if (before !== null && before.run === header.run && before.segment + 1 === header.segment) return;
    this.stop();
    this.#begin(header);
  }

  /** What follows does not follow on what was before: the next segment's checkpoint is gone on from. */
  interrupt(): void {
    this.#header = null;
  }

  /** Takes an entry. What the recording says came of it is passed over. */
  feed(entry: RecordingEntry): void {
    if (this.#actor === null || this.#failure !== null) return;
    if (entry.type === 'event') {
      this.#goTo(entry.event.at);
      this.#actor.send(entry.event);
    } else if (entry.type === 'timer') {
      this.#goTo(entry.at);
      if (this.#mode === 'byTime' || this.#timers.fire(entry.timer)) return;
      this.goByTime();
      this.#options.onMissingTimer?.(entry);
    }
  }

  /** From here on timers fire when they are due. */
  goByTime(): void {
    this.#mode = 'byTime';
  }

  stop(): void {
    this.#end();
    this.#end = () => {};
    this.#actor?.stop();
    this.#actor = null;
  }

  #goTo(at: Instant): void {
    if (this.#mode === 'exact') this.#timers.moveTo(at);
    else this.#timers.advanceTo(at);
  }

  #begin({ config: recorded, machines, at, checkpoint }: RecordingHeader): void {
    const config = this.#options.config ?? recorded;
    const isAsRecorded = machines === machinesDigest() && isSame(config, recorded);
    this.#mode = this.#options.mode ?? (isAsRecorded ? 'exact' : 'byTime');
    this.#failure = null;
    this.#timers = new VirtualTimers(at);
    this.#actor =
      checkpoint === null
        ? createActor(nodeMachine, { input: { config }, clock: this.#timers }).start()
        : restoreActor({ recorded, config }, checkpoint, this.#timers);
    this.#end = this.#listen(this.#actor);
  }

  /** Returns the way to end it. */
  #listen(actor: NodeActor): () => void {
    const { onOutcome, onTrace } = this.#options;
    let { network } = actor.getSnapshot().context.intent;
    const subscriptions: Subscription[] = [
      actor.subscribe({
        next: ({ context: { intent, now: at } }) => {
          if (intent.network === network) return;
          ({ network } = intent);
          onOutcome?.({ type: 'wanted', at, digest: networkDigest(network) });
        },
        error: (error: unknown) => {
          this.#failure = error instanceof Error ? error.message : String(error);
        },
      }),
    ];
    if (onOutcome !== undefined) {
      subscriptions.push(actor.on('*', (emission) => onOutcome({ type: 'told', emission })));
    }
    const clocks = { now: () => this.#timers.now, wallTime: (at: Instant) => this.wallTime(at) };
    const endTrace = onTrace === undefined ? () => {} : traceOf(actor, clocks, onTrace);
    return () => {
      endTrace();
      for (const subscription of subscriptions) subscription.unsubscribe();
    };
  }
}

const isSame = (a: Config, b: Config): boolean => a === b || JSON.stringify(a) === JSON.stringify(b);
