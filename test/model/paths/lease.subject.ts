/** What may happen to a lease, and to the interface that it is for. */
import type { SnapshotFrom } from 'xstate';
import { classify } from '../../../src/machines/interface/classification.decisions.ts';
import type { LeaseInput } from '../../../src/machines/lease/lease.context.ts';
import { isRested } from '../../../src/machines/lease/lease.decisions.ts';
import { leaseMachine } from '../../../src/machines/lease/lease.machine.ts';
import type { InterfaceFacts } from '../../../src/model/interface.ts';
import type { Lease, LeaseLoss } from '../../../src/model/lease.ts';
import type { Verdict } from '../../../src/model/probe.ts';
import { instant, milliseconds, minutes, seconds, type Milliseconds } from '../../../src/model/units.ts';
import { address, facts } from '../../unit/machines/examples.ts';
import { ethernetWithDhcp, lease, managedFacts, noAddresses } from '../../unit/machines/phone-bench.ts';
import { violations } from './lease.rules.ts';
import { defineSubject, type WorldOf } from './world.ts';

type World = WorldOf<typeof leaseMachine>;
type Happening = World['happenings'][string];

const cable = facts({ ...noAddresses });

const inputOf = (found: InterfaceFacts): LeaseInput => ({
  config: ethernetWithDhcp,
  classification: classify(found, ethernetWithDhcp),
  facts: found,
  request: 0,
  lease: null,
  own: [],
  at: instant(0),
});

const link =
  (isSo: (facts: InterfaceFacts) => boolean, overrides: Partial<InterfaceFacts>): Happening =>
  ({ context }, at) =>
    isSo(context.facts) ? null : { type: 'interface.changed', facts: { ...context.facts, ...overrides }, at };

const granted =
  (type: 'lease.bound' | 'lease.remembered', held: Lease): Happening =>
  (_, at) => ({ type, index: 2, lease: held, at });
const lost =
  (because: LeaseLoss): Happening =>
  (_, at) => ({ type: 'lease.lost', index: 2, because, at });
const failed: Happening = (_, at) => ({
  type: 'lease.failed',
  index: 2,
  problem: { code: 'lease.none', message: 'nobody answers' },
  at,
});
const judged =
  (verdict: Verdict): Happening =>
  ({ context }, at) =>
    context.verdict === verdict ? null : { type: 'way.judged', verdict, at };
const suspected: Happening = (_, at) => ({
  type: 'uplink.suspected',
  index: 2,
  family: 'ipv4',
  signal: 'neighbourFailed',
  at,
});
const slept =
  (time: Milliseconds): Happening =>
  (_, at) => ({ type: 'node.resumed', slept: time, at });

const office = lease({ address: '10.0.2.5', gateway: '10.0.2.1', duration: minutes(2) });

const keyOf = ({ context }: SnapshotFrom<typeof leaseMachine>): readonly unknown[] => [
  context.facts.hasCarrier,
  context.facts.addresses.ipv4.map((one) => one.address),
  context.facts.defaultRoutes.length,
  context.own.length,
  context.lease?.address,
  context.expiresAt === null,
  context.verdict,
  Math.min(2, context.failures),
  isRested(context),
  context.wasManaged,
];

const carrier = {
  'the cable is pulled': link((now) => !now.hasCarrier, { hasCarrier: false }),
  'the cable is plugged in': link((now) => now.hasCarrier, { hasCarrier: true }),
} as const;
const times = {
  'eleven seconds pass': { wait: 11_000 },
  'the next timer fires': { wait: 'deadline' },
} as const;

const asked: World = {
  name: 'a server that answers, or does not',
  input: inputOf(cable),
  happenings: {
    ...carrier,
    'a lease is granted': granted('lease.bound', office),
    'a lease is granted for ever': granted('lease.bound', { ...office, duration: null }),
    'the server refuses': lost('refused'),
    'the program ends': lost('clientEnded'),
    'nobody answers': failed,
    ...times,
  },
  keyOf,
};

const doubted: World = {
  name: 'a gateway that is doubted, and sleep',
  input: inputOf(cable),
  happenings: {
    'the cable is pulled': carrier['the cable is pulled'],
    'the cable is plugged in': carrier['the cable is plugged in'],
    'a lease is granted': granted('lease.bound', office),
    'the gateway does not answer': suspected,
    'nothing answers': judged('failed'),
    'something answers': judged('healthy'),
    'nobody answers for the lease': failed,
    'the program ends': lost('clientEnded'),
    'the machine sleeps for a second': slept(seconds(1)),
    'the machine sleeps for an hour': slept(minutes(60)),
    ...times,
  },
  keyOf,
};

const shared: World = {
  name: 'another manager, and a lease of the run before',
  input: inputOf({ ...cable, hasCarrier: false }),
  happenings: {
    ...carrier,
    'another manager comes': link((now) => now.defaultRoutes.length > 0, {
      addresses: managedFacts.addresses ?? cable.addresses,
      defaultRoutes: managedFacts.defaultRoutes ?? [],
    }),
    'its address is all there is': link((now) => now.addresses.ipv4.length > 0 && now.defaultRoutes.length === 0, {
      addresses: { ipv4: [address('10.0.2.5')], ipv6: [] },
      defaultRoutes: [],
    }),
    'it has gone': link((now) => now.addresses.ipv4.length === 0, noAddresses),
    'a lease is granted': granted('lease.bound', office),
    'a lease is remembered': granted('lease.remembered', { ...office, duration: milliseconds(90_000) }),
    'the server refuses': lost('refused'),
    'the next timer fires': { wait: 'deadline' },
  },
  keyOf,
};

export const leaseSubject = defineSubject({ machine: leaseMachine, worlds: [asked, doubted, shared], violations });
