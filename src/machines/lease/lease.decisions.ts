/**
 * What a lease's actor knows, and how each fact changes it. The statechart in `lease.machine.ts` holds the times.
 *
 * Another manager is told by what it leaves on the interface: a default route that carries the mark of a DHCP client, or,
 * while no lease is held, an address that was never leased here.
 */
import type { Problem } from '../../model/errors.ts';
import type { InterfaceFacts } from '../../model/interface.ts';
import { routeProtocol } from '../../model/kernel.ts';
import { holdingTime, type LeaseIntent } from '../../model/lease.ts';
import type { Verdict } from '../../model/probe.ts';
import {
  earlier,
  elapsed,
  instant,
  later,
  milliseconds,
  minutes,
  seconds,
  type Milliseconds,
} from '../../model/units.ts';
import { asDelay } from '../delay.decisions.ts';
import type { LeaseConsequence, LeaseContext, LeaseFact, LeaseInput, LeaseView, Stage } from './lease.context.ts';
import { tetherConfigOf } from '../interface/tether-match.decisions.ts';
import { unlessSame } from '../unless-same.ts';

export const leaseActor = (index: number): string => `lease ${index}`;

/** Where nothing is configured: as long as for a tether. */
const usualTimeout = seconds(30);
const firstRetry = seconds(5);
const longestRetry = minutes(5);
/** A lease that was asked for so lately is not asked for again at once: verdicts may come and go. */
const rest = seconds(10);

export function initialContext({ at, ...input }: LeaseInput): LeaseContext {
  return {
    ...input,
    now: at,
    phase: 'idle',
    expiresAt: null,
    expiryDueAt: null,
    dueAt: null,
    requestedAt: instant(at - rest),
    failures: 0,
    wasManaged: false,
    verdict: 'unknown',
    problem: null,
    view: null,
  };
}

/** Whether others hold the address of an interface: `own` were leased by backhauld, or are. */
export const isManagedElsewhere = (
  { addresses, defaultRoutes }: InterfaceFacts,
  own: readonly string[],
  isHeld: boolean,
): boolean =>
  defaultRoutes.some(({ family, protocol }) => family === 'ipv4' && protocol === routeProtocol.dhcp) ||
  (!isHeld && addresses.ipv4.some(({ address }) => !own.includes(address)));

export function stageOf({ facts, own, lease }: LeaseContext): Stage {
  if (!facts.isUp || !facts.hasCarrier) return 'away';
  return isManagedElsewhere(facts, own, lease !== null) ? 'managed' : 'free';
}

/** The context after a fact. */
export function takeIn(context: LeaseContext, fact: LeaseFact): LeaseContext {
  const next = { ...context, now: fact.at };
  if (fact.type === 'interface.changed') return { ...next, facts: fact.facts, own: stillOwn(context, fact.facts) };
  if (fact.type === 'way.judged') return { ...next, verdict: fact.verdict };
  if (fact.type !== 'node.resumed' || context.expiresAt === null) return next;
  return { ...next, expiresAt: earlier(context.expiresAt, fact.slept) };
}

const stillOwn = ({ own, lease }: LeaseContext, { addresses }: InterfaceFacts): readonly string[] => {
  const kept = own.filter((one) => one === lease?.address || addresses.ipv4.some(({ address }) => address === one));
  return kept.length === own.length ? own : kept;
};

/** What became different, in the words of the statechart. */
export function consequences(before: LeaseContext, after: LeaseContext, fact: LeaseFact): readonly LeaseConsequence[] {
  const found: LeaseConsequence[] = [];
  const stage = stageOf(after);
  if (stageOf(before) !== stage) found.push(wordFor[stage]);
  if (fact.type === 'node.resumed') found.push({ type: 'time.passed' });
  if (isDoubt(before, after, fact)) found.push({ type: 'lease.doubted' });
  if (isProof(before.verdict, after.verdict)) found.push({ type: 'lease.vindicated' });
  return found;
}

export const wordFor = {
  away: { type: 'link.away' },
  managed: { type: 'manager.found' },
  free: { type: 'link.free' },
} as const satisfies Readonly<Record<Stage, LeaseConsequence>>;

/**
 * The gateway does not answer, or nothing beyond it does: the network may have been numbered anew. Traffic that stalls is no
 * doubt by itself; if there is something to it, the probes that it starts will fail.
 */
const isDoubt = (before: LeaseContext, after: LeaseContext, fact: LeaseFact): boolean =>
  (fact.type === 'uplink.suspected' && fact.family === 'ipv4' && fact.signal === 'neighbourFailed') ||
  (after.verdict === 'failed' && before.verdict !== 'failed');

/** Something has answered: a verdict that was failed, or was none, is better now. */
const isProof = (before: Verdict, now: Verdict): boolean =>
  now !== before && (now === 'healthy' || (now === 'degraded' && before === 'failed'));

/** One more request: whoever asks is to begin anew. */
export const withRequest = (context: LeaseContext): Partial<LeaseContext> => ({
  request: context.request + 1,
  requestedAt: context.now,
});

/** A lease was granted, renewed or remembered. */
export function withLease(context: LeaseContext, fact: LeaseFact): Partial<LeaseContext> {
  if (fact.type !== 'lease.bound' && fact.type !== 'lease.remembered') return {};
  const { lease } = fact;
  const held = holdingTime(lease);
  const isSame = JSON.stringify(lease) === JSON.stringify(context.lease);
  return {
    now: fact.at,
    lease: isSame ? context.lease : lease,
    expiresAt: held === null ? null : later(fact.at, held),
    own: context.own.includes(lease.address) ? context.own : [...context.own, lease.address],
    failures: 0,
    wasManaged: false,
    problem: null,
  };
}

export const withoutLease: Partial<LeaseContext> = { lease: null, expiresAt: null };

export const isRested = ({ requestedAt, now }: LeaseContext): boolean => elapsed(requestedAt, now) >= rest;
export const hasExpired = ({ expiresAt, now }: LeaseContext): boolean => expiresAt !== null && expiresAt <= now;

/** How long a server has to answer. */
export function timeoutOf({ config, classification }: Pick<LeaseContext, 'config' | 'classification'>): Milliseconds {
  return tetherConfigOf(config, classification.type)?.dhcpTimeout ?? usualTimeout;
}

/** A little longer than whoever asks waits: it knows better what was wrong. */
export const requestTimeout = (context: LeaseContext): Milliseconds => asDelay(timeoutOf(context) + 1000);

export const retryBackOff = ({ failures }: Pick<LeaseContext, 'failures'>): Milliseconds =>
  milliseconds(Math.min(longestRetry, firstRetry * 2 ** Math.min(16, Math.max(0, failures - 1))));

export const untilExpiry = ({ expiresAt, now }: LeaseContext): Milliseconds =>
  asDelay(expiresAt === null ? Infinity : elapsed(now, expiresAt));

export const noAnswer = (context: Pick<LeaseContext, 'config' | 'classification' | 'facts'>): Problem => ({
  code: 'lease.none',
  message: `no DHCP server on ${context.facts.name} has granted a lease within ${timeoutOf(context) / 1000} s`,
  remedy: 'it is asked for further on; see whether the device shares its connection',
  subject: context.facts.name,
});

export const managedElsewhere = ({ facts: { name } }: LeaseContext): Problem => ({
  code: 'uplink.managedElsewhere',
  message: `another manager holds the address of ${name}`,
  remedy: 'it is used as it is; take the interface out of that manager’s hands to have backhauld hold the lease',
  subject: name,
});

/** What others are to know now; the same object when it is what they were told last. */
export function viewOf(context: LeaseContext): LeaseView {
  const { view: before, lease, own, phase, problem } = context;
  const isAsked = phase !== 'idle' && phase !== 'elsewhere';
  return unlessSame(before, {
    phase,
    intent: isAsked ? unlessSame(before?.intent, intentOf(context)) : null,
    lease,
    own,
    problem,
  });
}

const intentOf = (context: LeaseContext): LeaseIntent => ({
  index: context.facts.index,
  name: context.facts.name,
  request: context.request,
  timeout: timeoutOf(context),
});
