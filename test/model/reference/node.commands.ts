import * as fc from 'fast-check';
import type { Family } from '../../../src/model/family.ts';
import { budgetLevels, type BudgetLevel } from '../../../src/model/usage.ts';
import { roundCommand, routine, type RoundCommand } from './probe.commands.ts';
import { waits, type Wait } from './time.commands.ts';

export type Where = { readonly index: number };
export type NodeCommand =
  | Wait
  | (RoundCommand & Where)
  | (Where & { readonly type: 'found' | 'lost' })
  | (Where & { readonly type: 'carrier'; readonly has: boolean })
  | (Where & { readonly type: 'address'; readonly choice: 'own' | 'other' | 'shared' | 'none' | 'both families' })
  | (Where & { readonly type: 'renamed'; readonly name: string })
  | { readonly type: 'blame'; readonly isBlamed: boolean; readonly target: number; readonly index: number | null }
  | { readonly type: 'pin'; readonly name: string | null }
  | (Where & { readonly type: 'budget'; readonly level: BudgetLevel })
  | { readonly type: 'power'; readonly onBattery: boolean | null };

const index = fc.constantFrom(2, 3, 4, 5);
const family = fc.constantFrom<Family>('ipv4', 'ipv4', 'ipv4', 'ipv6');
const one = (arbitrary: fc.Arbitrary<NodeCommand>): fc.Arbitrary<readonly NodeCommand[]> => arbitrary.map((it) => [it]);

/** What may happen to a node, by weight. */
export const nodeCommands: fc.Arbitrary<readonly NodeCommand[]> = fc.oneof(
  { weight: 10, arbitrary: one(waits('pending')) },
  {
    weight: 10,
    arbitrary: one(
      fc
        .tuple(roundCommand(family), index)
        .map(([round, where]) => Object.assign(round, { isStale: false, index: where })),
    ),
  },
  {
    weight: 4,
    arbitrary: fc
      .tuple(routine(family), index)
      .map(([routines, where]) => routines.map((each) => (each.type === 'wait' ? each : { ...each, index: where }))),
  },
  {
    weight: 3,
    arbitrary: fc
      .tuple(routine(fc.constant('ipv4')), fc.subarray([2, 3, 4, 5]))
      .map(([routines, where]) =>
        routines.flatMap((each): readonly NodeCommand[] =>
          each.type === 'wait' ? [each] : where.map((one): NodeCommand => ({ ...each, index: one })),
        ),
      ),
  },
  { weight: 2, arbitrary: one(fc.record({ type: fc.constant('carrier' as const), index, has: fc.boolean() })) },
  {
    weight: 1,
    arbitrary: fc
      .record({ index, count: fc.nat(4) })
      .map(({ index: where, count }) =>
        Array.from({ length: 2 * count }, (_, i): NodeCommand => ({ type: 'carrier', index: where, has: i % 2 === 1 })),
      ),
  },
  {
    weight: 2,
    arbitrary: one(
      fc.record({
        type: fc.constant('address' as const),
        index,
        choice: fc.constantFrom('own', 'own', 'other', 'shared', 'none', 'both families'),
      }),
    ),
  },
  { weight: 1, arbitrary: one(fc.record({ type: fc.constantFrom('found' as const, 'lost' as const), index })) },
  {
    weight: 1,
    arbitrary: one(
      fc.record({ type: fc.constant('renamed' as const), index, name: fc.constantFrom('eth', 'wlan', 'foo') }),
    ),
  },
  {
    weight: 1,
    arbitrary: one(
      fc.record({
        type: fc.constant('blame' as const),
        isBlamed: fc.boolean(),
        target: fc.nat(1),
        index: fc.constantFrom(null, 2, 3),
      }),
    ),
  },
  {
    weight: 1,
    arbitrary: one(
      fc.record({
        type: fc.constant('pin' as const),
        name: fc.constantFrom(null, 'eth0', 'wlan0', 'usb0', 'nothing'),
      }),
    ),
  },
  {
    weight: 2,
    arbitrary: one(
      fc.record({
        type: fc.constant('budget' as const),
        // The last is a phone, and alone has one; unless it is called something else by now.
        index: fc.constantFrom(5, 5, 5, 3),
        level: fc.constantFrom(...budgetLevels, 'exhausted' as const, 'below' as const),
      }),
    ),
  },
  {
    weight: 1,
    arbitrary: one(
      fc.record({ type: fc.constant('power' as const), onBattery: fc.constantFrom(true, true, false, null) }),
    ),
  },
);
