/**
 * What a tether's actor knows, and how each fact changes it. The statechart in `tether.machine.ts` holds the times.
 */
import { parseAddress } from '../../model/address.ts';
import type { Config, TetherConfig } from '../../model/config.ts';
import type { Problem } from '../../model/errors.ts';
import type { Family } from '../../model/family.ts';
import { identityOf } from '../../model/identity.ts';
import { hasAnswered, type Target } from '../../model/probe.ts';
import type { TetherState } from '../../model/tether.ts';
import { formatDuration, milliseconds, minutes, seconds, type Milliseconds } from '../../model/units.ts';
import { isManagedElsewhere, noAnswer } from '../lease/lease.decisions.ts';
import type { TetherConsequence, TetherContext, TetherFact, TetherInput, TetherView } from './tether.context.ts';
import { isTether, tetherConfigOf } from '../interface/tether-match.decisions.ts';
import { unlessSame } from '../unless-same.ts';

export const tetherActor = (index: number): string => `tether ${index}`;

const firstRetry = seconds(5);
const longestRetry = minutes(5);

export const initialContext = ({ at, standing, ...input }: TetherInput): TetherContext => ({
  ...input,
  ...standing,
  now: at,
  state: 'detected',
  since: at,
  failures: 0,
  dueAt: null,
  problem: null,
  view: null,
});

type Known = Pick<TetherContext, 'config' | 'classification' | 'facts'>;

export const settingsOf = ({ config, classification }: Pick<Known, 'config' | 'classification'>): TetherConfig =>
  tetherConfigOf(config, classification.type) ?? config.usbTether;

/** Before its lease's actor has said anything, only the facts tell of another manager. */
export const isElsewhere = (context: TetherContext): boolean =>
  context.lease === null ? isFoundElsewhere(context) : context.lease === 'elsewhere';

const isFoundElsewhere = (known: Known): boolean =>
  settingsOf(known).enableDhcp && isManagedElsewhere(known.facts, [], false);

/** The context after a fact. */
export function takeIn(context: TetherContext, fact: TetherFact): TetherContext {
  if (fact.type === 'interface.changed') return { ...context, now: fact.at, facts: fact.facts };
  if (fact.type !== 'tether.stands') return { ...context, now: fact.at };
  const { lease, leaseProblem, hasWay, at } = fact;
  return { ...context, now: at, lease, leaseProblem, hasWay };
}

/** What became different, in the words of the statechart. */
export function consequences(
  before: TetherContext,
  after: TetherContext,
  fact: TetherFact,
): readonly TetherConsequence[] {
  const found: TetherConsequence[] = [];
  const wasElsewhere = isElsewhere(before);
  if (wasElsewhere !== isElsewhere(after)) found.push({ type: wasElsewhere ? 'manager.gone' : 'manager.found' });
  if (before.hasWay !== after.hasWay) found.push({ type: after.hasWay ? 'way.gained' : 'way.lost' });
  if (before.lease !== 'failing' && after.lease === 'failing') found.push({ type: 'lease.missing' });
  if (isProof(fact)) found.push({ type: 'way.proven' });
  return found;
}

const isProof = (fact: TetherFact): boolean =>
  fact.type === 'probe.finished'
    ? fact.round.samples.some(hasAnswered)
    : fact.type === 'probe.answeredLate' && hasAnswered(fact.sample);

export const retryBackOff = ({ failures }: Pick<TetherContext, 'failures'>): Milliseconds =>
  milliseconds(Math.min(longestRetry, firstRetry * 2 ** Math.min(16, Math.max(0, failures - 1))));

/** Why it has no way out yet: what its lease's actor says, or what is missing. */
export function noWay(context: TetherContext): Problem {
  const { leaseProblem, lease, facts } = context;
  if (leaseProblem !== null) return leaseProblem;
  // In the words of who asks, who gives up a moment later: it is one problem.
  if (lease === 'asking' || lease === 'failing') return noAnswer(context);
  const { dhcpTimeout } = settingsOf(context);
  return {
    code: 'lease.none',
    message: `${facts.name} has ${whatIsMissing(context)} after ${formatDuration(dhcpTimeout)}`,
    remedy: 'it is tried again; see whether the device shares its connection',
    subject: facts.name,
  };
}

const whatIsMissing = ({ facts }: Pick<Known, 'facts'>): string =>
  !facts.isUp ? 'a link that is down' : facts.hasCarrier ? 'no way out' : 'no carrier';

export const notValidated = (context: TetherContext): Problem => ({
  code: 'tether.notValidated',
  message: `nothing answers beyond ${context.facts.name}: ${settingsOf(context).validationTarget} was asked`,
  remedy:
    'it is tried again; see whether the device itself is online, or set validationTarget to what is reachable by it',
  subject: context.facts.name,
});

/** What is still wrong in a new state: whoever tries again has solved nothing yet, but one that has a way has a lease. */
export const standingProblem = ({ problem }: TetherContext, state: TetherState): Problem | null =>
  state === 'validating' && problem?.code !== 'tether.notValidated' ? null : problem;

/** What others are to know now; the same object when it is what they were told last. */
export function viewOf(context: TetherContext): TetherView {
  const { state, since, facts, classification, lease, problem, dueAt } = context;
  const isRetried = state === 'failed';
  return unlessSame(context.view, {
    state,
    because: becauseOf(context),
    managedBy: isElsewhere(context) ? 'another' : lease === 'held' ? 'backhauld' : null,
    identity: identityOf(facts),
    type: classification.type === 'bluetoothPan' ? 'bluetoothPan' : 'usbTether',
    since,
    withheldBecause: withheldBecause(context),
    isRaised: state !== 'released',
    isTried: state !== 'ready' && state !== 'released',
    retryAt: isRetried ? dueAt : null,
    problem,
  });
}

const withheld: Readonly<Record<Exclude<TetherState, 'released'>, string | null>> = {
  detected: 'the tether is being set up',
  initializing: 'the tether is being set up',
  validating: 'the tether is being validated',
  ready: null,
  failed: 'the tether has failed, and is tried again',
};

function withheldBecause(context: TetherContext): string | null {
  if (context.state !== 'released') return withheld[context.state];
  return settingsOf(context).enabled ? null : switchedOff(context);
}

/** What keeps an interface back before its tether's actor has said a word. */
export function withheldAtFirst(known: Known): string | null {
  if (!isTether(known.config, known.classification, known.facts)) return null;
  if (!settingsOf(known).enabled) return switchedOff(known);
  return isFoundElsewhere(known) ? null : withheld.detected;
}

const switchedOff = ({ classification }: Pick<Known, 'classification'>): string =>
  classification.type === 'bluetoothPan'
    ? 'tethers by Bluetooth are switched off (bluetoothPan.enabled)'
    : 'tethers by USB are switched off (usbTether.enabled)';

function becauseOf(context: TetherContext): string {
  const { state, facts, problem } = context;
  const { enabled, enableDhcp, validateRoute, validationTarget } = settingsOf(context);
  switch (state) {
    case 'detected':
      return `${facts.name} was plugged in`;
    case 'initializing':
      if (!facts.isUp) return 'its link is being set up';
      if (!facts.hasCarrier) return 'it has no carrier yet';
      return enableDhcp ? 'a lease is asked for' : 'an address is waited for';
    case 'validating':
      return `${validationTarget} is asked through it`;
    case 'ready':
      return validateRoute ? 'it has answered from beyond' : 'it has a way out';
    case 'failed':
      return problem?.message ?? 'it has no way out';
    case 'released':
      return enabled ? 'another manager holds its address; it is used as it is' : switchedOff(context);
    default:
      return state satisfies never;
  }
}

/** What a tether is tried with, in one family; null where that is nothing of its own. */
export function validationTargets(config: Config, type: TetherView['type'], family: Family): readonly Target[] | null {
  const { validationTarget } = tetherConfigOf(config, type) ?? config.usbTether;
  const address = parseAddress(validationTarget);
  if (address?.family !== family) return null;
  const literal = family === 'ipv4' ? validationTarget : `[${validationTarget}]`;
  const peer = { family, address: validationTarget };
  return [
    { kind: 'icmp', text: `icmp://${literal}`, ...peer },
    { kind: 'tcp', text: `tcp://${literal}:53`, ...peer, port: 53 },
  ];
}
