/** What may happen to an interface. */
import type { SnapshotFrom } from 'xstate';
import { classify } from '../../../src/machines/interface/classification.decisions.ts';
import { isTooHigh, meritAt, penalise } from '../../../src/machines/interface/damping.decisions.ts';
import type { InterfaceInput } from '../../../src/machines/interface/interface.context.ts';
import { interfaceMachine, type InterfaceEvent } from '../../../src/machines/interface/interface.machine.ts';
import { defaultMeteredPolicy, noGateways, type Config } from '../../../src/model/config.ts';
import { families, perFamily, type Family } from '../../../src/model/family.ts';
import type { InterfaceFacts } from '../../../src/model/interface.ts';
import { hasAnswered, type Round, type Verdict } from '../../../src/model/probe.ts';
import type { LifecycleState } from '../../../src/model/status.ts';
import {
  earlier,
  elapsed,
  instant,
  megabytes,
  seconds,
  type Instant,
  type Milliseconds,
} from '../../../src/model/units.ts';
import type { BudgetLevel } from '../../../src/model/usage.ts';
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
import { lease } from '../../unit/machines/phone-bench.ts';
import { violations } from './interface.rules.ts';
import { defineSubject, type WorldOf } from './world.ts';

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

/** Hold-downs that are shorter than the shortest stay in a state. */
const briefConfig: Config = {
  ...hastyConfig,
  lifecycle: {
    ...hastyConfig.lifecycle,
    upToDegraded: seconds(2),
    degradedToDown: seconds(2),
    downToProbing: seconds(2),
    probingToUp: seconds(2),
  },
};

const inputOf = (found: InterfaceFacts, config: Config = hastyConfig): InterfaceInput => ({
  config,
  facts: found,
  classification: classify(found, config),
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

/** What the run before knew: nothing is told to an actor that has facts of its own. */
const remembered =
  (state: LifecycleState, round: Round | null, merit: number): Happening =>
  (snapshot, at) => {
    const { context } = snapshot;
    const path = context.candidacy.paths.ipv4;
    if (context.health.ipv4.rounds.length > 0 || context.damping.merit > 0) return null;
    const measured =
      path === null || round === null
        ? null
        : {
            source: path.addresses[0]?.address ?? '',
            gateway: path.gateway,
            verdict: 'unknown' as const,
            rounds: [round],
          };
    return {
      type: 'uplink.remembered',
      index: 2,
      memory: {
        lifecycle: { state, since: earlier(at, seconds(60)) },
        damping: { merit, at, isSuppressed: merit >= damping.suppressAbove },
        measured: { ipv4: measured, ipv6: null },
      },
      at,
    };
  };

const slept =
  (slept: Milliseconds): Happening =>
  (_, at) => ({ type: 'node.resumed', slept, at });

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
    'its lease names another gateway': ({ context }, at) =>
      context.lease === null
        ? { type: 'lease.changed', lease: lease({ address: '10.0.2.5', gateway: '10.0.2.9' }), at }
        : null,
    'it is a tether that is set up anew': ({ context }, at) =>
      context.withheld === null ? { type: 'uplink.withheld', because: 'the tether is being set up', at } : null,
    'the tether is ready': ({ context }, at) =>
      context.withheld === null ? null : { type: 'uplink.withheld', because: null, at },
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
    context.withheld,
    context.lease?.gateway,
    context.health.ipv4.verdict,
  ],
};

const evidence: World = {
  name: 'two families, late answers, targets at fault, and short hold-downs',
  input: inputOf(bothFamilies, briefConfig),
  happenings: {
    'IPv4 is answered': measured('ipv4', 'healthy'),
    'IPv4 loses one probe': measured('ipv4', 'degraded'),
    'IPv4 is lost': measured('ipv4', 'failed'),
    'IPv4 is answered late': answeredLate('ipv4'),
    'IPv6 is answered': measured('ipv6', 'healthy'),
    'IPv6 is lost': measured('ipv6', 'failed'),
    'a target is blamed': blamed(1),
    'the target is cleared': blamed(0),
    'a second passes': { wait: 1000 },
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

/** What nobody looked at: the time before this run, and that in which the machine was asleep. */
const gaps: World = {
  name: 'a memory of the run before, and sleep',
  input: inputOf(facts()),
  happenings: {
    'it was up, and healthy': remembered('up', goodRound(-1), 0),
    'it was up, and failed': remembered('up', badRound(-1), 0),
    'it was degraded': remembered('degraded', badRound(-1), 0),
    'it was down': remembered('down', badRound(-1), 0),
    'it was on trial, and flapped': remembered('probing', goodRound(-1), 2500),
    'it flapped too often': remembered('down', null, 4000),
    'the machine sleeps for a minute': slept(seconds(60)),
    'the machine sleeps for an hour': slept(seconds(3600)),
    'the cable is pulled': link((now) => !now.hasCarrier, { hasCarrier: false }),
    'the cable is plugged in': link((now) => now.hasCarrier, { hasCarrier: true }),
    'the probes are answered': measured('ipv4', 'healthy'),
    'the next timer fires': { wait: 'deadline' },
  },
  keyOf: (snapshot, now) => {
    const { context } = snapshot;
    return [
      context.facts.hasCarrier,
      context.health.ipv4.verdict,
      isMature(snapshot, now),
      Math.ceil(meritAt(context.damping, now, damping) / 750),
    ];
  },
};

/** Data that costs money: what is used up must not be used. */
const meteredConfig: Config = {
  ...hastyConfig,
  uplinks: [
    {
      match: { name: 'eth0' },
      type: null,
      gateway: noGateways,
      dhcp: false,
      policy: { ...defaultMeteredPolicy, budget: megabytes(1000), atLimit: 'block' },
    },
  ],
};
const used =
  (level: BudgetLevel): Happening =>
  ({ context }, at) =>
    context.budget === level ? null : { type: 'budget.changed', index: 2, level, at };

const budget: World = {
  name: 'a budget that is used up, and begins anew',
  input: inputOf(facts({ name: 'eth0' }), meteredConfig),
  happenings: {
    'most of it is used': used('at90'),
    'it is used up': used('exhausted'),
    'it begins anew': used('below'),
    'the cable is pulled': link((now) => !now.hasCarrier, { hasCarrier: false }),
    'the cable is plugged in': link((now) => now.hasCarrier, { hasCarrier: true }),
    'the probes are answered': measured('ipv4', 'healthy'),
    'all probes are lost': measured('ipv4', 'failed'),
    'the next timer fires': { wait: 'deadline' },
  },
  keyOf: ({ context }) => [context.budget, context.facts.hasCarrier, context.health.ipv4.verdict],
};

export const interfaceSubject = defineSubject({
  machine: interfaceMachine,
  worlds: [cable, addresses, evidence, gaps, budget],
  violations,
});
