/**
 * A machine, and what may happen to it. The machine itself is the production one; a world only says which facts come,
 * how long nothing does, and when two situations are alike enough to look at one of them.
 */
import type { AnyMachineSnapshot, AnyStateMachine, EventFromLogic, InputFrom, SnapshotFrom } from 'xstate';
import type { Instant } from '../../../src/model/units.ts';

/** Nothing happens for this long, or until the next timer fires. */
export interface Wait {
  /** In milliseconds. */
  readonly wait: number | 'deadline';
}

/** An event, made to fit the situation it comes in; null where it cannot come. */
type Occurrence<TMachine extends AnyStateMachine> = (
  snapshot: SnapshotFrom<TMachine>,
  at: Instant,
) => EventFromLogic<TMachine> | null;

export interface RunningTimer {
  /** The type of the event it brings. */
  readonly event: string;
  readonly dueAt: number;
}

/** A real actor as it stands after something happened. */
export interface Sight<TSnapshot> {
  readonly snapshot: TSnapshot;
  /** How it stood before the last thing that happened; null where that is not known. */
  readonly before: TSnapshot | null;
  readonly now: Instant;
  readonly timers: readonly RunningTimer[];
  /** All that the parent was told, or the world, if there is no parent. */
  readonly told: readonly unknown[];
}

export interface WorldOf<TMachine extends AnyStateMachine> {
  readonly name: string;
  readonly input: InputFrom<TMachine>;
  readonly happenings: Readonly<Record<string, Wait | Occurrence<TMachine>>>;
  /** Situations with the same key, value and next timer are one to the search. */
  keyOf(snapshot: SnapshotFrom<TMachine>, now: Instant): readonly unknown[];
}

export interface SubjectOf<TMachine extends AnyStateMachine> {
  readonly machine: TMachine;
  readonly worlds: readonly WorldOf<TMachine>[];
  /** What is wrong with a state; nothing, if all is as it must be. */
  violations(sight: Sight<SnapshotFrom<TMachine>>): readonly string[];
  /** The event that brings the end of a delay that no state waits for, by the name of the delay. */
  readonly delayedEvents?: Readonly<Record<string, string>>;
  /** What need not be covered, with the reason. */
  readonly exceptions?: Readonly<Record<string, string>>;
}

/** The same with the machine's own types forgotten: what walks and counts needs none of them. */
export interface World {
  readonly name: string;
  readonly input: unknown;
  readonly happenings: Readonly<Record<string, Wait | Occurrence<AnyStateMachine>>>;
  keyOf(snapshot: AnyMachineSnapshot, now: Instant): readonly unknown[];
}

export interface Subject {
  readonly machine: AnyStateMachine;
  readonly worlds: readonly World[];
  violations(sight: Sight<AnyMachineSnapshot>): readonly string[];
  readonly delayedEvents?: Readonly<Record<string, string>>;
  readonly exceptions?: Readonly<Record<string, string>>;
}

/** Lets the compiler check a subject against its own machine. */
export const defineSubject = <TMachine extends AnyStateMachine>(subject: SubjectOf<TMachine>): Subject => subject;
