import * as fc from 'fast-check';
import { defaultConfig } from '../../../src/model/config.ts';
import type { Family } from '../../../src/model/family.ts';
import type { Round, Sample } from '../../../src/model/probe.ts';
import { milliseconds } from '../../../src/model/units.ts';
import type { Wait } from './time.commands.ts';

/** What becomes of a probe: an answer after so many milliseconds, or what else there is. */
export type ProbeFate = number | 'lost' | 'retransmitted' | 'refused' | 'captive' | 'unsent';

export const probeFates: readonly ProbeFate[] = [
  20,
  20,
  20,
  21.5,
  90,
  150,
  400,
  'lost',
  'lost',
  'lost',
  'retransmitted',
  'refused',
  'captive',
  'unsent',
];

export const targetsOf = (family: Family): readonly string[] =>
  defaultConfig.probe.targets[family].map(({ text }) => text);

export function sampleOf(target: string, fate: ProbeFate): Sample {
  const lost = { target, rtt: null, failure: 'timeout', retransmitted: false } as const;
  if (typeof fate === 'number') return { target, rtt: milliseconds(fate), failure: null, retransmitted: false };
  if (fate === 'lost') return lost;
  if (fate === 'retransmitted') return { ...lost, retransmitted: true };
  if (fate === 'unsent') return { ...lost, failure: 'notPermitted' };
  return { ...lost, rtt: milliseconds(30), failure: fate === 'refused' ? 'refused' : 'captivePortal' };
}

export interface RoundCommand {
  readonly type: 'round';
  readonly family: Family;
  readonly cause: Round['cause'];
  /** By target; null: left out of the round. */
  readonly fates: readonly (ProbeFate | null)[];
  /** How far back in the order of sending. */
  readonly ahead: number;
  /** Of a path that is no more. */
  readonly isStale: boolean;
}

type Fates = readonly (ProbeFate | null)[];
const both = (fate: fc.Arbitrary<ProbeFate | null>): fc.Arbitrary<Fates> => fc.tuple(fate, fate);
const oneFate = fc.constantFrom(...probeFates);
const rare = (share: number): fc.Arbitrary<boolean> => fc.nat(share).map((value) => value === share);

export const roundCommand = (family: fc.Arbitrary<Family>): fc.Arbitrary<RoundCommand> =>
  fc.record({
    type: fc.constant('round' as const),
    family,
    cause: fc.constantFrom<Round['cause']>('interval', 'interval', 'burst', 'burst', 'crossCheck'),
    fates: fc.oneof(
      { weight: 5, arbitrary: fc.constant<Fates>([20, 20]) },
      { weight: 5, arbitrary: fc.constant<Fates>(['lost', 'lost']) },
      { weight: 5, arbitrary: both(oneFate) },
      { weight: 1, arbitrary: both(fc.option(oneFate)) },
    ),
    ahead: fc.constantFrom(0, 0, 0, 0, 5, 9),
    isStale: rare(20),
  });

/** A while of the same: enough good rounds to come up, or enough bad ones to go down. */
export const routine = (family: fc.Arbitrary<Family>): fc.Arbitrary<readonly (RoundCommand | Wait)[]> =>
  fc
    .record({
      family,
      fates: fc.constantFrom<readonly ProbeFate[]>([20, 20], [40, 40], [170, 170], ['lost', 'lost'], [20, 'lost']),
      count: fc.integer({ min: 1, max: 25 }),
      pause: fc.constantFrom(250, 5000, 5000, 5000, 30_000),
    })
    .map(({ family: each, fates, count, pause }) =>
      Array.from({ length: count }).flatMap((): (RoundCommand | Wait)[] => [
        { type: 'round', family: each, cause: 'interval', fates, ahead: 0, isStale: false },
        { type: 'wait', until: 'now', plus: pause },
      ]),
    );
