/** What a recording says beside what its replay says. */
import type { NodeEmission } from '../model/events.ts';
import type { RecordingEntry } from '../model/recording.ts';
import type { Switch } from '../model/status.ts';
import { elapsed, seconds, type Instant, type Milliseconds } from '../model/units.ts';
import type { Outcome } from './replay.ts';

/** What enters the machines. */
export type Input = Extract<RecordingEntry, { readonly type: 'event' | 'timer' }>;

/** Where a replay is another than its recording for the first time. */
export interface Difference {
  readonly at: Instant;
  /** The entry that it came of, and how many had entered by then; null where nothing had. */
  readonly after: { readonly number: number; readonly input: Input } | null;
  /** What the recording says; null for nothing. */
  readonly expected: Outcome | Input | null;
  /** What the replay says; null for nothing. */
  readonly found: Outcome | null;
}

interface Waiting {
  readonly outcome: Outcome;
  readonly after: Difference['after'];
}

/** Compares outcome by outcome. What is told and what is wanted are two rows: which comes first says nothing. */
export class OutcomeComparison {
  #after: Difference['after'] = null;
  #difference: Difference | null = null;
  readonly #recorded: Waiting[] = [];
  readonly #replayed: Waiting[] = [];

  get difference(): Difference | null {
    return this.#difference;
  }

  /** Something enters the machines: everything that came of what was before has been said. */
  entered(input: Input): void {
    this.settle();
    this.#after = { number: (this.#after?.number ?? 0) + 1, input };
  }

  recorded(outcome: Outcome): void {
    this.#match(outcome, this.#recorded, this.#replayed);
  }

  replayed(outcome: Outcome): void {
    this.#match(outcome, this.#replayed, this.#recorded);
  }

  /** A timer that had fired does not run in the replay. */
  missing(input: Input): void {
    this.#difference ??= { at: timeOf(input), after: this.#after, expected: input, found: null };
  }

  /** Says that nothing more comes of what has entered. */
  settle(): void {
    const [expected] = this.#recorded;
    const [found] = this.#replayed;
    const first = expected ?? found;
    if (first === undefined) return;
    this.#difference ??= {
      at: timeOf(first.outcome),
      after: first.after,
      expected: expected?.outcome ?? null,
      found: found?.outcome ?? null,
    };
    this.forget();
  }

  /** Forgets what has no counterpart yet: the recording was cut here. */
  forget(): void {
    this.#recorded.length = 0;
    this.#replayed.length = 0;
  }

  #match(outcome: Outcome, own: Waiting[], others: Waiting[]): void {
    if (this.#difference !== null) return;
    const place = others.findIndex((other) => other.outcome.type === outcome.type);
    const counterpart = others[place];
    if (counterpart === undefined) own.push({ outcome, after: this.#after });
    else if (isSame(counterpart.outcome, outcome)) others.splice(place, 1);
    else {
      others.splice(0, place);
      own.unshift({ outcome, after: this.#after });
      this.settle();
    }
  }
}

const timeOf = (entry: Outcome | Input): Instant =>
  entry.type === 'told' ? entry.emission.at : entry.type === 'event' ? entry.event.at : entry.at;

/** Plain values that were made by the same code. One has been in a file. */
const isSame = (a: Outcome, b: Outcome): boolean => JSON.stringify(a) === JSON.stringify(b);

/** A switch with its instant. */
export type TimedSwitch = Extract<NodeEmission, { readonly type: 'switch' }>;

/** How a switch differs between a recording and its replay. */
export type SwitchDifference =
  /** Only the one side has it. */
  | { readonly type: 'recordedOnly' | 'replayedOnly'; readonly at: Instant; readonly switch: Switch }
  /** Both have it, at another time or by another rule. */
  | { readonly type: 'other'; readonly at: Instant; readonly recorded: TimedSwitch; readonly replayed: TimedSwitch };

/** Two switches further apart are two events. */
const longestShift = seconds(120);
/** Timers of a running daemon are late by some milliseconds. */
const noShift = seconds(1);

/**
 * Compares the switches only, by uplinks and time: for replays under another configuration or by other machines. What
 * differs is told in the order of time, some minutes of the recording's time later.
 */
export class SwitchComparison {
  readonly #onDifference: (difference: SwitchDifference) => void;
  readonly #recorded: TimedSwitch[] = [];
  readonly #replayed: TimedSwitch[] = [];
  #found: SwitchDifference[] = [];
  #alike = 0;

  constructor(onDifference: (difference: SwitchDifference) => void) {
    this.#onDifference = onDifference;
  }

  /** How many switches both sides have, at the same time and by the same rule. */
  get alike(): number {
    return this.#alike;
  }

  recorded(told: TimedSwitch): void {
    this.#match(told, this.#recorded, this.#replayed, (replayed) => [told, replayed]);
  }

  replayed(told: TimedSwitch): void {
    this.#match(told, this.#replayed, this.#recorded, (recorded) => [recorded, told]);
  }

  /** Time has come to `now`: older switches find no counterpart any more. */
  advanceTo(now: Instant): void {
    this.#giveUp(this.#recorded, 'recordedOnly', now);
    this.#giveUp(this.#replayed, 'replayedOnly', now);
    if (this.#found.length === 0) return;
    const isRipe = ({ at }: SwitchDifference): boolean => elapsed(at, now) > 2 * longestShift;
    for (const ripe of this.#found.filter(isRipe).toSorted(byTime)) this.#onDifference(ripe);
    this.#found = this.#found.filter((difference) => !isRipe(difference));
  }

  finish(): void {
    this.advanceTo(Number.POSITIVE_INFINITY as Instant);
  }

  #match(
    told: TimedSwitch,
    own: TimedSwitch[],
    others: TimedSwitch[],
    inOrder: (other: TimedSwitch) => readonly [recorded: TimedSwitch, replayed: TimedSwitch],
  ): void {
    const place = others.findIndex(
      (other) => isSameMove(other.switch, told.switch) && shift(other, told) <= longestShift,
    );
    const other = others[place];
    if (other === undefined) {
      own.push(told);
      return;
    }
    others.splice(place, 1);
    const [recorded, replayed] = inOrder(other);
    if (shift(recorded, replayed) <= noShift && recorded.switch.rule === replayed.switch.rule) this.#alike++;
    else this.#found.push({ type: 'other', at: recorded.at, recorded, replayed });
  }

  #giveUp(waiting: TimedSwitch[], type: 'recordedOnly' | 'replayedOnly', now: Instant): void {
    while (waiting[0] !== undefined && elapsed(waiting[0].at, now) > longestShift) {
      const [{ at, switch: lone }] = waiting.splice(0, 1) as [TimedSwitch];
      this.#found.push({ type, at, switch: lone });
    }
  }
}

const shift = (a: TimedSwitch, b: TimedSwitch): Milliseconds => Math.abs(elapsed(a.at, b.at)) as Milliseconds;

const isSameMove = (a: Switch, b: Switch): boolean => a.family === b.family && a.from === b.from && a.to === b.to;

const byTime = (a: SwitchDifference, b: SwitchDifference): number => a.at - b.at;
