import type { Instant } from '../model/units.ts';

/**
 * Who is at fault when a probe is lost: the target, or the uplink? (HLTH-4)
 *
 * A target is blamed **everywhere** when its latest probe failed through every reachable uplink that can testify, and at
 * least two can. An uplink testifies when another target answered through it at that time: one through which nothing
 * answers says nothing about a target. With a single reachable uplink a lone loss proves nothing, so there only the
 * second rule holds: a target is blamed **through one uplink** when it failed ten times running there while another
 * answered each time. A link that loses 30 % of all packets does that six times in a million.
 *
 * An uplink through which the target is blamed already is no witness any more. Any answer ends the blame.
 */
export interface TargetState {
  readonly witnesses: ReadonlyMap<number, Witness>;
  readonly isDeadEverywhere: boolean;
}

/** What one uplink, named by its ifindex, last said of a target. */
interface Witness {
  /** When the latest probe that is known of left. */
  readonly sentAt: Instant;
  readonly verdict: 'answered' | 'failed' | 'dark';
  /** Failures in a row, each while another target answered. */
  readonly failures: number;
}

const failuresToBlame = 10;
const witnessesToBlame = 2;

export const unknownTarget: TargetState = { witnesses: new Map(), isDeadEverywhere: false };

/** The target answered: a blame everywhere is over, and one through this uplink. */
export function afterAnswer(state: TargetState, index: number, sentAt: Instant): TargetState {
  const before = state.witnesses.get(index);
  const latest = before === undefined || before.sentAt < sentAt ? sentAt : before.sentAt;
  return {
    witnesses: new Map(state.witnesses).set(index, { sentAt: latest, verdict: 'answered', failures: 0 }),
    isDeadEverywhere: false,
  };
}

export interface Failure {
  readonly index: number;
  readonly sentAt: Instant;
  /** Whether another target answered through this uplink meanwhile. */
  readonly otherAnswered: boolean;
  /** The uplinks of the family that are reachable as far as is known. */
  readonly reachable: ReadonlySet<number>;
}

/** The target did not answer. An answer to a later probe outweighs it. */
export function afterFailure(state: TargetState, failure: Failure): TargetState {
  const { index, sentAt, otherAnswered, reachable } = failure;
  const before = state.witnesses.get(index);
  if (before?.verdict === 'answered' && before.sentAt > sentAt) return state;
  const witness: Witness = {
    sentAt,
    verdict: otherAnswered ? 'failed' : 'dark',
    failures: (before?.failures ?? 0) + (otherAnswered ? 1 : 0),
  };
  const witnesses = new Map(state.witnesses).set(index, witness);
  return { witnesses, isDeadEverywhere: state.isDeadEverywhere || isDead(witnesses, reachable) };
}

/** The uplink is gone, or leads another way now: what it said is void. */
export function afterUplinkLost(state: TargetState, index: number): TargetState {
  const witnesses = new Map(state.witnesses);
  witnesses.delete(index);
  return { ...state, witnesses };
}

function isDead(witnesses: ReadonlyMap<number, Witness>, reachable: ReadonlySet<number>): boolean {
  const heard = [...witnesses].filter(
    ([index, witness]) => reachable.has(index) && witness.verdict !== 'dark' && witness.failures < failuresToBlame,
  );
  return heard.length >= witnessesToBlame && heard.every(([, witness]) => witness.verdict === 'failed');
}

/** Through which uplinks the target is blamed; `null` stands for everywhere and is then the only entry. */
export const blameOf = (state: TargetState): readonly (number | null)[] =>
  state.isDeadEverywhere
    ? [null]
    : [...state.witnesses].filter(([, { failures }]) => failures >= failuresToBlame).map(([index]) => index);

export const isBlamed = (state: TargetState, index: number): boolean =>
  state.isDeadEverywhere || (state.witnesses.get(index)?.failures ?? 0) >= failuresToBlame;

/** Whether the latest that this uplink heard of the target is an answer. */
export const isAnswering = (state: TargetState, index: number): boolean =>
  state.witnesses.get(index)?.verdict === 'answered';
