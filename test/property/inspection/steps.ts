import * as fc from 'fast-check';
import type { InterfaceFacts } from '../../../src/model/interface.ts';
import type { Family } from '../../../src/model/family.ts';
import type { RecordedNode } from '../../fakes/recorded-node.ts';
import type { LeaseLoss } from '../../../src/model/lease.ts';
import { milliseconds } from '../../../src/model/units.ts';
import { address, answered, facts, lost, round, targets } from '../../unit/machines/examples.ts';
import { lease, managedFacts, phone } from '../../unit/machines/phone-bench.ts';

/** Something that happens to a node. */
export type Step = (node: RecordedNode) => void;

const index = fc.constantFrom(2, 3, 4);
const names = ['eth0', 'wlan0', 'docker0', 'usb0'];
const someFacts = fc
  .record({
    index,
    name: fc.constantFrom(...names),
    hasCarrier: fc.boolean(),
    addresses: fc.record({
      ipv4: fc.constantFrom([], [address('10.0.2.5')], [address('10.0.3.5')]),
      ipv6: fc.constantFrom([], [address('2001:db8::5', 64)]),
    }),
    defaultRoutes: fc.subarray<InterfaceFacts['defaultRoutes'][number]>([
      { family: 'ipv4', gateway: '10.0.2.1', table: 254, metric: 100, protocol: 16 },
      { family: 'ipv6', gateway: 'fe80::1', table: 254, metric: 100, protocol: 9 },
    ]),
  })
  .map(facts);

let rounds = 0;

function probe(node: RecordedNode, probed: number, family: Family, isGood: boolean, rtt: number): void {
  const path = node.context.ways.get(probed)?.pathIds[family] ?? null;
  if (path === null) return;
  const samples = targets.map((target) => (isGood ? answered(target, rtt) : lost(target)));
  node.send({ type: 'probe.finished', index: probed, family, path, round: round(++rounds, samples) });
}

const family = fc.constantFrom<Family>('ipv4', 'ipv6');

const often = fc.constantFrom(true, true, false);

const usual = (found: number, hasCarrier = true): InterfaceFacts =>
  facts({
    index: found,
    name: ['eth0', 'wlan0', 'wwan0'][found - 2] ?? '',
    hasCarrier,
    addresses: { ipv4: [address(`10.0.${found}.5`)], ipv6: [address(`2001:db8:${found}::5`, 64)] },
    defaultRoutes: [
      { family: 'ipv4', gateway: `10.0.${found}.1`, table: 254, metric: 100, protocol: 16 },
      { family: 'ipv6', gateway: 'fe80::1', table: 254, metric: 100, protocol: 9 },
    ],
  });

const phoneWith = (isUp: boolean, address4: string | null, isManaged: boolean): InterfaceFacts =>
  phone({
    isUp,
    hasCarrier: isUp,
    addresses: { ipv4: address4 === null ? [] : [address(address4)], ipv6: [] },
    ...(isManaged ? managedFacts : {}),
  });

/** What happens to a phone and its lease. */
const phoneStep: fc.Arbitrary<Step> = fc.oneof(
  fc.tuple(often, fc.constantFrom(null, lease().address, '192.168.42.18'), fc.constantFrom(false, false, true)).map(
    (given): Step =>
      (node) =>
        node.send({ type: 'interface.changed', facts: phoneWith(...given) }),
  ),
  fc.constantFrom(lease(), lease({ address: '192.168.42.18', duration: milliseconds(90_000) })).map(
    (granted): Step =>
      (node) =>
        node.send({ type: 'lease.bound', index: 5, lease: granted }),
  ),
  fc.constantFrom<LeaseLoss>('expired', 'clientEnded').map(
    (because): Step =>
      (node) =>
        node.send({ type: 'lease.lost', index: 5, because }),
  ),
  fc.tuple(fc.constant(5), fc.constant<Family>('ipv4'), often, fc.constant(20)).map(
    (given): Step =>
      (node) =>
        probe(node, ...given),
  ),
  fc.constant<Step>((node) => node.send({ type: 'interface.lost', index: 5 })),
  fc.constant<Step>((node) => {
    const problem = { code: 'lease.none', message: 'nobody answers' } as const;
    node.send({ type: 'lease.failed', index: 5, problem });
  }),
);

/** Anything that can happen, what is interesting more often. */
export const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: phoneStep },
  {
    weight: 3,
    arbitrary: fc.tuple(index, often).map(
      ([which, hasCarrier]): Step =>
        (node) =>
          node.send({ type: 'interface.changed', facts: usual(which, hasCarrier) }),
    ),
  },
  {
    weight: 1,
    arbitrary: someFacts.map(
      (found): Step =>
        (node) =>
          node.send({ type: 'interface.found', facts: found }),
    ),
  },
  {
    weight: 1,
    arbitrary: someFacts.map(
      (now): Step =>
        (node) =>
          node.send({ type: 'interface.changed', facts: now }),
    ),
  },
  {
    weight: 1,
    arbitrary: index.map(
      (gone): Step =>
        (node) =>
          node.send({ type: 'interface.lost', index: gone }),
    ),
  },
  {
    weight: 10,
    arbitrary: fc.tuple(index, family, often, fc.constantFrom(10, 20, 150)).map(
      (given): Step =>
        (node) =>
          probe(node, ...given),
    ),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom(...names).map(
      (name): Step =>
        (node) =>
          node.send({ type: 'command.pin', name }),
    ),
  },
  { weight: 1, arbitrary: fc.constant<Step>((node) => node.send({ type: 'command.unpin' })) },
  {
    weight: 1,
    arbitrary: fc.tuple(fc.constantFrom('target.blamed' as const, 'target.cleared' as const), fc.option(index)).map(
      ([type, where]): Step =>
        (node) =>
          node.send({ type, family: 'ipv4', target: targets[0], index: where }),
    ),
  },
  {
    weight: 1,
    arbitrary: fc.boolean().map(
      (isSolved): Step =>
        (node) => {
          const object = 'route main';
          if (isSolved) node.send({ type: 'operation.recovered', object });
          else node.send({ type: 'operation.failed', object, problem: { code: 'kernel.refused', message: 'no' } });
        },
    ),
  },
  {
    weight: 14,
    arbitrary: fc.constantFrom(0, 200, 500, 1000, 2000, 20_000).map(
      (time): Step =>
        (node) =>
          node.pass(time),
    ),
  },
  // A process that stands still for a while: its timers are late, and fire in any order.
  {
    weight: 3,
    arbitrary: fc.tuple(fc.constantFrom(50, 20_000), fc.nat()).map(
      ([time, which]): Step =>
        (node) => {
          node.stall(time);
          const due = node.clock.running.filter(({ dueAt }) => dueAt <= node.clock.now);
          const late = due[which % Math.max(1, due.length)];
          if (late !== undefined) node.fire(late.timer);
        },
    ),
  },
);

const start: readonly Step[] = [
  ...[2, 3, 4].map(
    (found): Step =>
      (node) =>
        node.send({ type: 'interface.found', facts: usual(found) }),
  ),
  (node) => node.send({ type: 'network.observed', incumbents: { ipv4: null, ipv6: null } }),
];

/** Three uplinks that are looked at, and any number of steps. */
export const steps = (length: number): fc.Arbitrary<readonly Step[]> =>
  fc.array(step, { maxLength: length, size: 'max' }).map((random) => start.concat(random));
