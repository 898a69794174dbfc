/**
 * What the probes of one uplink and family say.
 *
 * The latest rounds are kept as they came; window, verdict and statistics are worked out from them anew after every
 * change. A late answer replaces a sample, the blame of a target hides its samples: both are right in retrospect
 * without any undoing.
 */
import type { ProbeConfig } from '../../model/config.ts';
import { hasAnswered, isLost, type ProbeStatistics, type Round, type Sample, type Verdict } from '../../model/probe.ts';
import type { Instant } from '../../model/units.ts';
import { figuresOf, type WindowFigures } from './statistics.decisions.ts';

export interface Health {
  /**
   * Rounds of the path that is in use, by id: rounds of a burst overlap and finish out of turn. Cross-checks are counted
   * apart: on an uplink that is probed rarely they are many, and must not push out the rounds that the verdict rests on.
   */
  readonly rounds: readonly Round[];
  /** How many rounds failed in a row just before the oldest one kept. */
  readonly failedBefore: number;
  /** Targets that are at fault themselves. */
  readonly blamed: readonly string[];
  /** Finished rounds of this path, those no longer kept included; cross-checks are none. */
  readonly finishedRounds: number;
  readonly lifetime: Lifetime;
  readonly verdict: Verdict;
  /** Someone in between answered the latest round in a target's stead. */
  readonly isCaptive: boolean;
  readonly figures: WindowFigures;
  readonly consecutiveFailures: number;
  /** In the window. */
  readonly lostSamples: number;
}

interface Lifetime {
  readonly totalProbes: number;
  readonly successfulProbes: number;
  readonly lastSuccess: Instant | null;
  readonly lastFailure: Instant | null;
}

export const noHealth: Health = {
  rounds: [],
  failedBefore: 0,
  blamed: [],
  finishedRounds: 0,
  lifetime: { totalProbes: 0, successfulProbes: 0, lastSuccess: null, lastFailure: null },
  verdict: 'unknown',
  isCaptive: false,
  figures: figuresOf([]),
  consecutiveFailures: 0,
  lostSamples: 0,
};

/** Takes a finished round in. */
export function applyRound(health: Health, finished: Round, at: Instant, config: ProbeConfig): Health {
  const round = { ...finished, samples: finished.samples.filter(isEvidence) };
  if (round.samples.length === 0 || health.rounds.some(({ id }) => id === round.id)) return health;
  const known = [...health.rounds, round].toSorted((a, b) => a.id - b.id);
  const alike = known.filter((one) => isCrossCheck(one) === isCrossCheck(round));
  const excess = alike.length - Math.max(config.window, config.downThreshold, config.degradedThreshold);
  const forgotten = alike.slice(0, Math.max(0, excess));
  const answered = round.samples.filter((sample) => !isLost(sample)).length;
  const { totalProbes, successfulProbes, lastSuccess, lastFailure } = health.lifetime;
  return judge(
    {
      ...health,
      rounds: known.filter((one) => !forgotten.includes(one)),
      failedBefore: failedInARow(forgotten, health.failedBefore, health.blamed, config),
      finishedRounds: health.finishedRounds + Number(!isCrossCheck(round)),
      lifetime: {
        totalProbes: totalProbes + round.samples.length,
        successfulProbes: successfulProbes + answered,
        lastSuccess: answered > 0 ? at : lastSuccess,
        lastFailure: answered < round.samples.length ? at : lastFailure,
      },
    },
    config,
  );
}

/** Puts an answer that came late in the place of the sample that was given up; with it a failed round may succeed. */
export function applyLateAnswer(
  health: Health,
  roundId: number,
  late: Sample,
  at: Instant,
  config: ProbeConfig,
): Health {
  const round = health.rounds.find(({ id }) => id === roundId);
  const given = round?.samples.find(({ target }) => target === late.target);
  if (round === undefined || given === undefined || hasAnswered(given) || !hasAnswered(late)) return health;
  const samples = round.samples.map((sample) => (sample === given ? late : sample));
  const { lifetime } = health;
  return judge(
    {
      ...health,
      rounds: health.rounds.map((kept) => (kept === round ? { ...round, samples } : kept)),
      lifetime: isLost(late)
        ? lifetime
        : { ...lifetime, successfulProbes: lifetime.successfulProbes + 1, lastSuccess: at },
    },
    config,
  );
}

/** Says which targets are at fault themselves. With none left there would be nothing to judge by: then none is. */
export function blame(health: Health, targets: readonly string[], all: readonly string[], config: ProbeConfig): Health {
  const blamed = all.some((target) => !targets.includes(target)) ? targets : [];
  if (blamed.length === health.blamed.length && blamed.every((target) => health.blamed.includes(target))) return health;
  return judge({ ...health, blamed }, config);
}

/** Forgets everything that was measured on a path that is gone. The lifetime's totals and the blame stay. */
export const clear = ({ blamed, lifetime }: Health): Health => ({ ...noHealth, blamed, lifetime });

/** The rounds that the verdict rests on. */
export const countedRounds = ({ rounds, blamed }: Health): readonly Round[] =>
  withoutBlamed(rounds, blamed).filter((round) => !isCrossCheck(round));

/** Goes on from rounds of an earlier run. They are evidence like any other, and count as none of this run's. */
export const goOnFrom = (health: Health, rounds: readonly Round[], config: ProbeConfig): Health =>
  judge({ ...health, rounds }, config);

/** Judges what is kept. */
function judge(health: Health, config: ProbeConfig): Health {
  const { rounds, blamed, failedBefore } = health;
  const counted = withoutBlamed(rounds, blamed);
  const window = counted.flatMap(({ samples }) => samples).slice(-config.window);
  const figures = figuresOf(window);
  const consecutiveFailures = failedInARow(rounds, failedBefore, blamed, config);
  const latest = counted.findLast((round) => !isCrossCheck(round));
  const isCaptive = latest?.samples.some(({ failure }) => failure === 'captivePortal') ?? false;
  const isPoor = consecutiveFailures >= config.degradedThreshold || figures.packetLossPercent >= config.degradedLoss;
  const hasFailed = consecutiveFailures >= config.downThreshold;
  return {
    ...health,
    figures,
    consecutiveFailures,
    lostSamples: window.filter(isLost).length,
    verdict: latest === undefined ? 'unknown' : hasFailed ? 'failed' : isPoor || isCaptive ? 'degraded' : 'healthy',
    isCaptive,
  };
}

/** Failed rounds in a row at the end of `rounds`, on top of those before them when not one succeeded. */
function failedInARow(
  rounds: readonly Round[],
  before: number,
  blamed: readonly string[],
  { quorum }: ProbeConfig,
): number {
  const counted = withoutBlamed(rounds, blamed).filter((round) => !isCrossCheck(round));
  const lastGood = counted.findLastIndex(
    ({ samples }) => samples.filter(hasAnswered).length >= Math.min(quorum, samples.length),
  );
  return lastGood < 0 ? before + counted.length : counted.length - 1 - lastGood;
}

/** A cross-check asks one target through every uplink, to find out about the target: it is no round of the uplink. */
const isCrossCheck = ({ cause }: Round): boolean => cause === 'crossCheck';

const withoutBlamed = (rounds: readonly Round[], blamed: readonly string[]): readonly Round[] =>
  blamed.length === 0
    ? rounds
    : rounds
        .map((round) => ({ ...round, samples: round.samples.filter(({ target }) => !blamed.includes(target)) }))
        .filter(({ samples }) => samples.length > 0);

/** A probe that this node could not even send says nothing about the way. */
const isEvidence = ({ failure }: Sample): boolean => failure !== 'notPermitted' && failure !== 'internal';

export function statisticsOf({ figures, lifetime, consecutiveFailures }: Health): ProbeStatistics {
  const { samples: _, ...window } = figures;
  const { totalProbes, successfulProbes, lastSuccess, lastFailure } = lifetime;
  return {
    totalProbes,
    successfulProbes,
    failedProbes: totalProbes - successfulProbes,
    ...window,
    consecutiveFailures,
    lastSuccess,
    lastFailure,
  };
}
