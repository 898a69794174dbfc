/** What may happen to an interface, and what must hold of it whatever does. */
import type { SnapshotFrom } from 'xstate';
import { isPresent } from '../../../src/machines/candidacy.decisions.ts';
import { classify } from '../../../src/machines/classification.decisions.ts';
import { isTooHigh, meritAt, penalise } from '../../../src/machines/damping.decisions.ts';
import type { InterfaceInput } from '../../../src/machines/interface.context.ts';
import { lifecycleVerdict } from '../../../src/machines/interface.decisions.ts';
import { interfaceMachine, type InterfaceEvent } from '../../../src/machines/interface.machine.ts';
import { families, perFamily, type Family } from '../../../src/model/family.ts';
import type { InterfaceFacts } from '../../../src/model/interface.ts';
import { hasAnswered, type Round, type Verdict } from '../../../src/model/probe.ts';
import type { LifecycleState } from '../../../src/model/status.ts';
import { elapsed, instant, type Instant } from '../../../src/model/units.ts';
import {
  address,
  answered,
  badRound,
  facts,
  goodRound,
  hastyConfig,
  lost,
  round,
} from '../../unit/machines/examples.ts';
import { defineSubject, type Sight, type WorldOf } from './world.ts';

type Snapshot = SnapshotFrom<typeof interfaceMachine>;
type World = WorldOf<typeof interfaceMachine>;
type Happening = World['happenings'][string];

const bothFamilies = facts({
  addresses: { ipv4: [address('10.0.2.5')], ipv6: [address('2001:db8:2::5', 64)] },
  defaultRoutes: [
    { family: 'ipv4', gateway: '10.0.2.1', table: 254, metric: 100, protocol: 16 },
    { family: 'ipv6', gateway: 'fe80::1', table: 254, metric: 100, protocol: 9 },
  ],
});

const inputOf = (found: InterfaceFacts): InterfaceInput => ({
  config: hastyConfig,
  facts: found,
  classification: classify(found, hastyConfig),
  claims: [],
  blamed: perFamily(() => []),
  birth: 1,
  at: instant(0),
});

const targetsOf = (family: Family): readonly string[] => hastyConfig.probe.targets[family].map(({ text }) => text);

/** The link is another than it was; nothing happens when it is not. */
const link =
  (isSo: (facts: InterfaceFacts) => boolean, overrides: Partial<InterfaceFacts>): Happening =>
  ({ context }, at) =>
    isSo(context.facts) ? null : { type: 'interface.changed', facts: { ...context.facts, ...overrides }, at };

/** A round that makes this verdict. */
const measured =
  (family: Family, verdict: Exclude<Verdict, 'unknown'>): Happening =>
  ({ context }, at) => {
    const path = context.pathIds[family];
    if (path === null) return null;
    const id = 1 + Math.max(0, ...context.health[family].rounds.map((known) => known.id));
    const [one = '', two = ''] = targetsOf(family);
    const outcomes: Readonly<Record<typeof verdict, Round>> = {
      healthy: goodRound(id),
      degraded: round(id, [answered(one), lost(two)]),
      failed: badRound(id),
    };
    return { type: 'probe.finished', index: 2, family, path, round: outcomes[verdict], at };
  };

/** The answer to the latest probe that was given up. */
const answeredLate =
  (family: Family): Happening =>
  ({ context }, at) => {
    const path = context.pathIds[family];
    const latest = context.health[family].rounds.at(-1);
    const given = latest?.samples.find((sample) => !hasAnswered(sample));
    if (path === null || latest === undefined || given === undefined) return null;
    return {
      type: 'probe.answeredLate',
      index: 2,
      family,
      path,
      round: latest.id,
      sample: answered(given.target),
      at,
    } satisfies InterfaceEvent;
  };

const blamed =
  (count: number): Happening =>
  ({ context }, at) =>
    context.health.ipv4.blamed.length === count
      ? null
      : { type: 'targets.blamed', family: 'ipv4', targets: targetsOf('ipv4').slice(0, count), at };

const claimed =
  (by: string | null): Happening =>
  ({ context }, at) =>
    (context.claims.length === 0) === (by === null)
      ? null
      : { type: 'addresses.claimed', claims: by === null ? [] : [{ address: '10.0.2.5', by }], at };

const times = {
  'a second passes': { wait: 1000 },
  'five seconds pass': { wait: 5000 },
  'the next timer fires': { wait: 'deadline' },
} as const;

const isMature = ({ context }: Snapshot, now: Instant): boolean =>
  elapsed(context.since, now) >= hastyConfig.lifecycle.minStateDuration;
const { damping } = hastyConfig.selection;

const cable: World = {
  name: 'a cable, and a way that fails',
  input: inputOf(facts()),
  happenings: {
    'the cable is pulled': link((now) => !now.hasCarrier, { hasCarrier: false }),
    'the cable is plugged in': link((now) => now.hasCarrier, { hasCarrier: true }),
    'the probes are answered': measured('ipv4', 'healthy'),
    'one probe is lost': measured('ipv4', 'degraded'),
    'all probes are lost': measured('ipv4', 'failed'),
    ...times,
  },
  keyOf: (snapshot, now) => {
    const { context } = snapshot;
    return [
      context.facts.hasCarrier,
      context.health.ipv4.verdict,
      context.health.ipv4.rounds.some(({ samples }) => samples.some(hasAnswered)),
      isMature(snapshot, now),
      isTooHigh(penalise(context.damping, now, damping), now, damping),
    ];
  },
};

const addresses: World = {
  name: 'an interface that is found without a cable, and its addresses',
  input: inputOf(facts({ hasCarrier: false })),
  happenings: {
    'the cable is plugged in': link((now) => now.hasCarrier, { hasCarrier: true }),
    'it is switched off': link((now) => !now.isUp, { isUp: false, hasCarrier: false }),
    'it is switched on': link((now) => now.isUp, { isUp: true }),
    'the lease ends': link((now) => now.addresses.ipv4.length === 0, { addresses: { ipv4: [], ipv6: [] } }),
    'the lease begins': link((now) => now.addresses.ipv4.length > 0, { addresses: facts().addresses }),
    'another lease begins': link((now) => now.addresses.ipv4[0]?.address === '10.0.2.6', {
      addresses: { ipv4: [address('10.0.2.6')], ipv6: [] },
    }),
    'its address is claimed': claimed('lan0'),
    'its address is free again': claimed(null),
    'the probes are answered': measured('ipv4', 'healthy'),
    'all probes are lost': measured('ipv4', 'failed'),
    'the next timer fires': { wait: 'deadline' },
  },
  keyOf: ({ context }) => [
    context.facts.isUp,
    context.facts.hasCarrier,
    context.facts.addresses.ipv4[0]?.address,
    context.claims.length,
    context.health.ipv4.verdict,
  ],
};

const evidence: World = {
  name: 'two families, late answers and targets at fault',
  input: inputOf(bothFamilies),
  happenings: {
    'IPv4 is answered': measured('ipv4', 'healthy'),
    'IPv4 loses one probe': measured('ipv4', 'degraded'),
    'IPv4 is lost': measured('ipv4', 'failed'),
    'IPv4 is answered late': answeredLate('ipv4'),
    'IPv6 is answered': measured('ipv6', 'healthy'),
    'IPv6 is lost': measured('ipv6', 'failed'),
    'a target is blamed': blamed(1),
    'the target is cleared': blamed(0),
    'five seconds pass': { wait: 5000 },
    'the next timer fires': { wait: 'deadline' },
  },
  keyOf: (snapshot, now) => {
    const { context } = snapshot;
    return [
      families.map((family) => context.health[family].verdict),
      context.health.ipv4.blamed.length,
      isMature(snapshot, now),
    ];
  },
};

/** What is waited for, by what the lifecycle says and what the probes say (LIFE-1); a state not named waits for nothing. */
const waits: Readonly<Record<string, readonly [verdict: readonly Verdict[], to: LifecycleState, hold: number]>> = {
  'probing.rising': [['healthy'], 'up', 10_000],
  'probing.declining': [['degraded'], 'degraded', 0],
  'probing.failing': [['failed'], 'down', 0],
  'up.declining': [['degraded'], 'degraded', 15_000],
  'up.failing': [['failed'], 'degraded', 0],
  'degraded.recovering': [['healthy'], 'up', 0],
  'degraded.failing': [['failed'], 'down', 30_000],
  'down.reviving': [['healthy', 'degraded'], 'probing', 60_000],
};
/** What the probes may say where nothing is waited for. */
const content: Readonly<Record<LifecycleState, readonly Verdict[]>> = {
  probing: ['unknown'],
  up: ['unknown', 'healthy'],
  degraded: ['unknown', 'degraded'],
  down: ['unknown', 'failed'],
};

function violations({ snapshot, now, timers, told }: Sight<Snapshot>): readonly string[] {
  const { context, value } = snapshot;
  const { pending, since, isSuppressed } = context;
  const [state, waitsFor] = Object.entries(value.lifecycle).flat();
  const verdict = lifecycleVerdict(context);
  const wait = waits[`${state}.${waitsFor}`];
  const merit = meritAt(context.damping, now, damping);
  const timerOf = (region: string) => timers.find(({ event }) => event.includes(`.interface.${region}`));
  const view = told.flatMap((message) => (isUpdate(message) ? [message.view] : [])).at(-1);
  const shouldBeDueAt = wait === undefined ? null : dueAt(pending?.since ?? instant(0), since, wait[2]);
  const rules: readonly (readonly [string, boolean])[] = [
    ['the lifecycle is the state of the chart', state === context.lifecycle],
    ['a state that waits for nothing is content', wait !== undefined || content[context.lifecycle].includes(verdict)],
    ['a state waits for what the verdict points to', wait === undefined || wait[0].includes(verdict)],
    ['something is pending exactly while a state waits', (pending !== null) === (waitsFor !== 'steady')],
    ['what is pending is where the state leads', wait === undefined || pending?.to === wait[1]],
    ['what is pending is due after its hold-down', wait === undefined || pending?.dueAt === shouldBeDueAt],
    ['what is pending has a timer', (pending?.dueAt ?? null) === (timerOf('lifecycle')?.dueAt ?? null)],
    ['nothing is overdue', timers.every((timer) => timer.dueAt >= now)],
    ['an interface that is not present is down', isPresent(context.facts) || state === 'down'],
    ['only a suppressed interface is held back', isSuppressed === (value.damping === 'suppressed')],
    ['a suppressed interface waits for its reuse', isSuppressed === (timerOf('damping') !== undefined)],
    ['a suppressed interface has too high a penalty', !isSuppressed || merit >= damping.reuseBelow],
    ['a calm interface has none', isSuppressed || merit <= damping.suppressAbove],
    ['without a way there is no verdict', families.every((family) => hasNoVerdictWithoutWay(context, family))],
    ['the parent knows the latest', view === context.view && view?.lifecycle === state],
    [
      'the parent knows who is held back, and who has a way',
      families.every((family) => {
        const contender = view?.contenders[family];
        const hasWay = context.pathIds[family] !== null;
        return contender?.isSuppressed === isSuppressed && contender.isUsable === hasWay;
      }),
    ],
  ];
  return rules.filter(([, holds]) => !holds).map(([rule]) => rule);
}

/** The later of the hold-down's end and the end of the shortest stay. */
const dueAt = (from: Instant, since: Instant, hold: number): number =>
  Math.max(from + hold, since + hastyConfig.lifecycle.minStateDuration, from);

const hasNoVerdictWithoutWay = ({ pathIds, health }: Snapshot['context'], family: Family): boolean =>
  pathIds[family] !== null || (health[family].verdict === 'unknown' && health[family].rounds.length === 0);

const isUpdate = (message: unknown): message is { readonly view: Snapshot['context']['view'] } =>
  typeof message === 'object' && message !== null && 'type' in message && message.type === 'interface.updated';

export const interfaceSubject = defineSubject({
  machine: interfaceMachine,
  worlds: [cable, addresses, evidence],
  violations,
});
