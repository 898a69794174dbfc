/** What may happen to a phone. */
import { classify } from '../../../src/machines/interface/classification.decisions.ts';
import type { LeasePhase } from '../../../src/machines/lease/lease.context.ts';
import type { TetherInput, TetherStanding } from '../../../src/machines/tether/tether.context.ts';
import { tetherMachine } from '../../../src/machines/tether/tether.machine.ts';
import { defaultConfig, type Config, type TetherConfig } from '../../../src/model/config.ts';
import type { InterfaceFacts } from '../../../src/model/interface.ts';
import { instant } from '../../../src/model/units.ts';
import { answered, badRound, goodRound, lost } from '../../unit/machines/examples.ts';
import { managedFacts, phone } from '../../unit/machines/phone-bench.ts';
import { violations } from './tether.rules.ts';
import { defineSubject, type WorldOf } from './world.ts';

type World = WorldOf<typeof tetherMachine>;
type Happening = World['happenings'][string];

const noStanding: TetherStanding = { lease: null, leaseProblem: null, hasWay: false };

const inputOf = (
  settings: Partial<TetherConfig> = {},
  found: InterfaceFacts = phone(),
  standing: TetherStanding = noStanding,
  wasReady = false,
): TetherInput => {
  const config: Config = { ...defaultConfig, usbTether: { ...defaultConfig.usbTether, ...settings } };
  return { config, classification: classify(found, config), facts: found, standing, wasReady, at: instant(0) };
};

const stands =
  (lease: LeasePhase | null, hasWay: boolean): Happening =>
  ({ context }, at) =>
    context.lease === lease && context.hasWay === hasWay
      ? null
      : { type: 'tether.stands', lease, leaseProblem: null, hasWay, at };

const path = { index: 5, family: 'ipv4', path: 'any' } as const;

const happenings: World['happenings'] = {
  'its link comes up': ({ context }, at) =>
    context.facts.isUp
      ? null
      : { type: 'interface.changed', facts: { ...context.facts, isUp: true, hasCarrier: true }, at },
  'a lease is asked for': stands('asking', false),
  'it gets none': stands('failing', false),
  'it has one': stands('held', false),
  'it has a way out': stands('held', true),
  'another manager takes it': stands('elsewhere', true),
  'another manager lets it go': stands('idle', false),
  'it answers': ({ context }, at) =>
    context.hasWay ? { type: 'probe.finished', ...path, round: goodRound(1), at } : null,
  'it does not answer': (_, at) => ({ type: 'probe.finished', ...path, round: badRound(1), at }),
  'it answers late': ({ context }, at) =>
    context.hasWay ? { type: 'probe.answeredLate', ...path, round: 1, sample: answered(), at } : null,
  'it does not answer late either': (_, at) => ({
    type: 'probe.answeredLate',
    ...path,
    round: 1,
    sample: lost(),
    at,
  }),
  'the next timer fires': { wait: 'deadline' },
};

const world = (name: string, input: TetherInput): World => ({
  name,
  input,
  happenings,
  keyOf: ({ context: { facts, lease, hasWay, failures } }) => [facts.isUp, lease, hasWay, Math.min(2, failures)],
});

const standing: TetherStanding = { lease: 'held', leaseProblem: null, hasWay: true };

export const tetherSubject = defineSubject({
  machine: tetherMachine,
  worlds: [
    world('a phone that is plugged in', inputOf()),
    world('a phone that is trusted', inputOf({ validateRoute: false })),
    world('a phone that is switched off', inputOf({ enabled: false })),
    world('a phone that another manager has', inputOf({}, phone(managedFacts))),
    world('a phone whose actor failed', inputOf({}, phone(), standing, true)),
  ],
  violations,
  exceptions: {
    'tether.detected is entered': 'what comes next is known at once: it is left before anyone can look',
  },
});
