import type { RecordedItem } from '../../adapters/recorder/read-recording.ts';
import {
  OutcomeComparison,
  SwitchComparison,
  type Difference,
  type SwitchDifference,
} from '../../inspection/compare.ts';
import { Replay, type ReplayMode } from '../../inspection/replay.ts';
import type { Config } from '../../model/config.ts';
import type { Problem } from '../../model/errors.ts';
import type { NodeEmission } from '../../model/events.ts';
import type { RecordingEntry, RecordingHeader } from '../../model/recording.ts';
import { elapsed, milliseconds, type Instant, type Milliseconds } from '../../model/units.ts';

export interface PlayOptions {
  /** Another configuration than the recorded one; null for the recorded one. */
  readonly config: Config | null;
  /** `exact` where it can be, unless given. */
  readonly mode?: ReplayMode;
  /** Whether what comes of the replay is compared with what came of it then. */
  readonly compares: boolean;
  /** Milliseconds of some clock: how long the replay takes is told by it. */
  readonly now: () => number;
}

type Happening =
  | { readonly type: 'run'; readonly header: RecordingHeader; readonly mode: ReplayMode }
  | NodeEmission
  | { readonly type: 'difference'; readonly difference: Difference }
  | { readonly type: 'switchDifference'; readonly difference: SwitchDifference }
  /** Something of the recording could not be read, or not be gone on from. */
  | { readonly type: 'recordingProblem'; readonly problem: Problem };

/** What is told of a replay while it runs, with the time on the wall then. */
export type PlayItem = { readonly wallTime: string } & Happening;

export interface PlaySummary {
  readonly segments: number;
  readonly events: number;
  readonly timers: number;
  readonly switches: number;
  /** What of the recording's time was replayed. */
  readonly span: Milliseconds;
  readonly took: Milliseconds;
  /** Whether the replay differs from the recording; null when they were not compared. */
  readonly isAlike: boolean | null;
  /** Switches that both have, at the same time and by the same rule; null when they were not compared. */
  readonly alikeSwitches: number | null;
  /** What of the recording could not be read, or not be gone on from. */
  readonly problems: readonly Problem[];
}

/** Plays a recording. Never more of it than one block is in memory. */
export async function play(
  items: AsyncIterable<RecordedItem>,
  { now, ...options }: PlayOptions,
  onItem: (item: PlayItem) => void,
): Promise<PlaySummary> {
  const player = new Player(options, onItem);
  const began = now();
  for await (const item of items) player.take(item);
  return player.finish(milliseconds(now() - began));
}

class Player {
  readonly #onItem: (item: PlayItem) => void;
  readonly #replay: Replay;
  readonly #outcomes: OutcomeComparison | null;
  readonly #switches: SwitchComparison | null;
  readonly #counts = { segments: 0, events: 0, timers: 0, switches: 0 };
  readonly #problems: Problem[] = [];
  #begunAt: Instant | null = null;
  #isAlike = true;
  #hasDiffered = false;

  constructor({ config, mode, compares }: Omit<PlayOptions, 'now'>, onItem: (item: PlayItem) => void) {
    this.#onItem = onItem;
    this.#outcomes = compares ? new OutcomeComparison() : null;
    this.#switches = compares
      ? new SwitchComparison((difference) => {
          this.#isAlike = false;
          this.#tell({ type: 'switchDifference', difference }, difference.at);
        })
      : null;
    this.#replay = new Replay({
      ...(config === null ? {} : { config }),
      ...(mode === undefined ? {} : { mode }),
      onOutcome: (outcome) => {
        if (this.#replay.mode === 'exact') this.#outcomes?.replayed(outcome);
        if (outcome.type !== 'told') return;
        const { emission } = outcome;
        if (emission.type === 'switch') {
          this.#counts.switches++;
          this.#switches?.replayed(emission);
        }
        this.#tell(emission, emission.at);
      },
      onMissingTimer: (entry) => this.#outcomes?.missing(entry),
    });
  }

  take(item: RecordedItem): void {
    if (item.type === 'segment') this.#enter(item.header, item.file);
    else if (item.type === 'entries') for (const entry of item.entries) this.#feed(entry);
    else if (item.type === 'skipped') {
      const kinds = [...item.kinds].map(([kind, count]) => `${count} × ${kind}`).join(', ');
      this.#report({
        code: 'recording.version',
        subject: item.file,
        message: `has entries that this program does not know, and were left out: ${kinds}`,
      });
    } else {
      this.#report(item.problem);
      this.#outcomes?.forget();
      this.#replay.interrupt();
    }
  }

  finish(took: Milliseconds): PlaySummary {
    this.#settle();
    this.#switches?.finish();
    const span = milliseconds(this.#begunAt === null ? 0 : elapsed(this.#begunAt, this.#replay.now));
    const { failure } = this.#replay;
    if (failure !== null)
      this.#report({ code: 'actor.failed', subject: 'node', message: `the state machines failed: ${failure}` });
    this.#replay.stop();
    return {
      ...this.#counts,
      span,
      took,
      isAlike: this.#switches === null ? null : this.#isAlike,
      alikeSwitches: this.#switches?.alike ?? null,
      problems: this.#problems,
    };
  }

  #enter(header: RecordingHeader, file: string): void {
    this.#counts.segments++;
    if (this.#counts.segments === 1) this.#problems.forEach((problem) => this.#tellProblem(problem));
    const before = this.#replay.actor;
    this.#settle();
    try {
      this.#replay.enter(header);
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
      this.#replay.interrupt();
      this.#replay.stop();
      this.#report({ code: 'recording.damaged', subject: file, message: `cannot be gone on from: ${error.message}` });
      return;
    }
    this.#begunAt ??= header.at;
    if (this.#replay.actor !== before) this.#tell({ type: 'run', header, mode: this.#replay.mode }, header.at);
  }

  #feed(entry: RecordingEntry): void {
    if (entry.type === 'event' || entry.type === 'timer') {
      this.#counts[entry.type === 'event' ? 'events' : 'timers']++;
      if (this.#outcomes !== null) this.#settle();
      this.#outcomes?.entered(entry);
      this.#replay.feed(entry);
      this.#switches?.advanceTo(this.#replay.now);
      return;
    }
    if (this.#replay.mode === 'exact') this.#outcomes?.recorded(entry);
    if (entry.type === 'told' && entry.emission.type === 'switch') this.#switches?.recorded(entry.emission);
  }

  /** Everything that came of what has entered has been said. From the first difference on, timers go by time. */
  #settle(): void {
    if (this.#outcomes === null) return;
    if (this.#replay.mode === 'exact') this.#outcomes.settle();
    else this.#outcomes.forget();
    const { difference } = this.#outcomes;
    if (difference === null || this.#hasDiffered) return;
    this.#hasDiffered = true;
    this.#isAlike = false;
    this.#replay.goByTime();
    this.#tell({ type: 'difference', difference }, difference.at);
  }

  /** Before the first segment nothing is told: where none follows, the problem is all there is to say. */
  #report(problem: Problem): void {
    this.#problems.push(problem);
    if (this.#counts.segments > 0) this.#tellProblem(problem);
  }

  #tellProblem(problem: Problem): void {
    this.#tell({ type: 'recordingProblem', problem }, this.#replay.now);
  }

  #tell(happening: Happening, at: Instant): void {
    this.#onItem({ wallTime: this.#replay.wallTime(at), ...happening });
  }
}
