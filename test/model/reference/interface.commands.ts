import * as fc from 'fast-check';
import { families, type Family } from '../../../src/model/family.ts';
import type { AddressChoice } from './facts.commands.ts';
import type { LifecycleState } from '../../../src/model/status.ts';
import { probeFates, roundCommand, routine, type ProbeFate, type RoundCommand } from './probe.commands.ts';
import { waits, type Wait } from './time.commands.ts';

export type InterfaceCommand =
  | Wait
  | RoundCommand
  | {
      readonly type: 'late';
      readonly family: Family;
      readonly back: number;
      readonly target: number;
      readonly fate: number;
    }
  | { readonly type: 'carrier'; readonly has: boolean }
  | { readonly type: 'admin'; readonly isUp: boolean }
  | { readonly type: 'addresses'; readonly family: Family; readonly choice: AddressChoice }
  | { readonly type: 'routes'; readonly family: Family; readonly choice: number }
  | { readonly type: 'blame'; readonly family: Family; readonly targets: readonly number[] }
  | { readonly type: 'claims'; readonly addresses: readonly string[] }
  | MemoryCommand
  | { readonly type: 'sleep'; readonly duration: number };

/** What the run before is said to have known. */
export interface MemoryCommand {
  readonly type: 'memory';
  readonly family: Family;
  readonly state: LifecycleState | null;
  /** Milliseconds ago. */
  readonly since: number;
  readonly rounds: readonly (readonly ProbeFate[])[];
  /** The rounds left by the path that there is now. */
  readonly isSamePath: boolean;
  readonly penalty: number;
  readonly flappedAgo: number;
  readonly isSuppressed: boolean;
}

const fates = fc.constantFrom<readonly ProbeFate[]>(
  [20, 20],
  [20, 20],
  ['lost', 'lost'],
  [90, 'lost'],
  [30, 'captive'],
);
const memory: fc.Arbitrary<InterfaceCommand> = fc.record({
  type: fc.constant('memory' as const),
  family: fc.constantFrom<Family>('ipv4', 'ipv4', 'ipv4', 'ipv6'),
  state: fc.constantFrom(null, 'up', 'degraded', 'down', 'probing'),
  since: fc.nat(20_000),
  rounds: fc.array(fates, { maxLength: 12 }),
  isSamePath: fc.nat(5).map((value) => value > 0),
  penalty: fc.constantFrom(0, 0, 800, 2000, 3000, 4000, 9000),
  flappedAgo: fc.nat(100_000),
  isSuppressed: fc.boolean(),
});

const family = fc.constantFrom<Family>('ipv4', 'ipv4', 'ipv4', 'ipv6');
const one = (arbitrary: fc.Arbitrary<InterfaceCommand>): fc.Arbitrary<readonly InterfaceCommand[]> =>
  arbitrary.map((it) => [it]);

/** What may happen to one interface, by weight. */
export const interfaceCommands: fc.Arbitrary<readonly InterfaceCommand[]> = fc.oneof(
  { weight: 12, arbitrary: one(waits('pending', 'reuse')) },
  { weight: 12, arbitrary: one(roundCommand(family)) },
  { weight: 3, arbitrary: routine(family) },
  {
    weight: 2,
    arbitrary: one(
      fc.record({
        type: fc.constant('late' as const),
        family,
        back: fc.nat(6),
        target: fc.nat(1),
        fate: fc.nat(probeFates.length - 1),
      }),
    ),
  },
  { weight: 2, arbitrary: one(fc.record({ type: fc.constant('carrier' as const), has: fc.boolean() })) },
  {
    weight: 1,
    arbitrary: fc
      .nat(4)
      .map((count) =>
        Array.from({ length: 2 * count }, (_, i): InterfaceCommand => ({ type: 'carrier', has: i % 2 === 1 })),
      ),
  },
  { weight: 4, arbitrary: one(memory) },
  {
    weight: 1,
    arbitrary: one(
      fc.record({ type: fc.constant('sleep' as const), duration: fc.constantFrom(1000, 30_000, 120_000, 86_400_000) }),
    ),
  },
  { weight: 1, arbitrary: one(fc.record({ type: fc.constant('admin' as const), isUp: fc.boolean() })) },
  {
    weight: 1,
    arbitrary: one(
      fc.record({
        type: fc.constant('addresses' as const),
        family: fc.constantFrom(...families),
        choice: fc.constantFrom<AddressChoice>('none', 'one', 'one', 'other', 'both', 'far'),
      }),
    ),
  },
  {
    weight: 1,
    arbitrary: one(
      fc.record({ type: fc.constant('routes' as const), family: fc.constantFrom(...families), choice: fc.nat(3) }),
    ),
  },
  {
    weight: 1,
    arbitrary: one(fc.record({ type: fc.constant('blame' as const), family, targets: fc.subarray([0, 1]) })),
  },
  {
    weight: 1,
    arbitrary: one(
      fc.record({
        type: fc.constant('claims' as const),
        addresses: fc.subarray(['10.0.2.5', '10.0.2.6', '2001:db8::5']),
      }),
    ),
  },
);
