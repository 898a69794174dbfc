import type { ProbeConfig } from '../model/config.ts';
import { hasAnswered, type Round, type Sample } from '../model/probe.ts';
import type { Instant } from '../model/units.ts';

/** A round that is not told yet. */
export interface OpenRound {
  readonly id: number;
  readonly startedAt: Instant;
  readonly cause: Round['cause'];
  /** By target; null while the answer is waited for. */
  readonly samples: Map<string, Sample | null>;
  /** Targets that were at fault at some time since the round began: their losses are never counted. */
  readonly excused: Set<string>;
}

/** What an uplink knows of a target beside the round in question. */
export interface RoundContext {
  /** When the latest probe that this target answered through this uplink was sent. */
  readonly lastAnswered: (target: string) => Instant | undefined;
  readonly now: Instant;
  /** How long a loss may stay unexplained, from the start of its round. */
  readonly maxHold: number;
}

/** Within it a burst and a whole interval go by, and the last probe has had its time: a target that lives was heard of. */
export const maxHoldOf = ({ burstRounds, burstInterval, interval, jitter, timeout }: ProbeConfig): number =>
  Math.max(burstRounds * burstInterval, interval * (1 + jitter / 100)) + timeout;

/** `wait`: answers are outstanding. `hold`: it is not known yet what a loss means. `drop`: nothing is left to tell. */
export type Ripeness = 'wait' | 'hold' | 'drop' | Round;

/** A probe this node could not even send says nothing, neither of the link nor of the target. */
export const isUnsent = ({ failure }: Sample): boolean => failure === 'notPermitted' || failure === 'internal';

const isUnanswered = (sample: Sample): boolean => !hasAnswered(sample) && !isUnsent(sample);

/** Whether nothing has answered, and nothing that could speak for the uplink is waited for any more. */
export function isDark({ samples, excused }: OpenRound): boolean {
  let losses = 0;
  for (const [target, sample] of samples) {
    if (sample === null ? !excused.has(target) : hasAnswered(sample)) return false;
    if (sample !== null && isUnanswered(sample)) losses++;
  }
  return losses > 0;
}

/** The targets that were lost while another one answered. */
export function lostBesideAnswers({ samples }: OpenRound): readonly string[] {
  if (![...samples.values()].some((sample) => sample !== null && hasAnswered(sample))) return [];
  return [...samples].filter(([, sample]) => sample !== null && isUnanswered(sample)).map(([target]) => target);
}

/**
 * Whether a round can be told, and what of it (HLTH-4).
 *
 * A loss beside another target's answer may be the link's fault or the target's, and at first nobody knows. It counts once
 * the target has answered a later probe through the same uplink: then it lives, and the link loses packets. It is left
 * out when the target is blamed, or when nothing has been heard of it for `maxHold`. Until then the round is held
 * back: so a dead target never costs an uplink a single sample, whatever the moment of its death.
 *
 * A round that nothing answered is told at once, whole: that is what a black hole looks like.
 */
export function ripen(round: OpenRound, context: RoundContext): Ripeness {
  const { id, startedAt, cause, samples, excused } = round;
  const isBlackHole = cause !== 'crossCheck' && isDark(round);
  const told: Sample[] = [];
  let isHeld = false;
  for (const [target, sample] of samples) {
    if (sample !== null && !isUnanswered(sample)) told.push(sample);
    else if (excused.has(target)) continue;
    else if (sample === null) return 'wait';
    else if (isBlackHole || hasAnsweredSince(target, round, context)) told.push(sample);
    else isHeld ||= context.now - startedAt < context.maxHold;
  }
  if (isHeld) return 'hold';
  if (told.length > 0) return { id, startedAt, cause, samples: told };
  if (!isBlackHole) return 'drop';
  // Every target is blamed, each for its own reason, and nothing answers here: silence would hide it.
  const all = [...samples.values()].filter((sample) => sample !== null);
  return all.length === samples.size ? { id, startedAt, cause, samples: all } : 'wait';
}

function hasAnsweredSince(target: string, { startedAt }: OpenRound, { lastAnswered }: RoundContext): boolean {
  const answered = lastAnswered(target);
  return answered !== undefined && answered > startedAt;
}
