/** The gate itself: what it must find missing, shown on a machine small enough to see through. */
import { describe, expect, test } from 'vitest';
import { setup, type AnyStateMachine } from 'xstate';
import { Coverage } from './coverage.ts';
import { gapsIn } from './gate.ts';
import { timedLogic } from './timed-logic.ts';
import { traverse } from './traversal.ts';
import { describeFault, shortest, take, type Fault } from './walking.ts';
import type { Subject, World } from './world.ts';

const lamp = setup({
  types: { context: {} as { readonly presses: number }, events: {} as { readonly type: 'press' | 'blow' } },
  delays: { burning: 1000 },
  guards: { isTired: ({ context }) => context.presses > 0 },
});
const old: AnyStateMachine = lamp.createMachine({
  id: 'lamp',
  context: { presses: 0 },
  initial: 'dark',
  states: { dark: { on: { press: 'lit' } }, lit: { on: { press: 'dark' }, after: { burning: 'dark' } } },
});
/** The same with one more state, a transition to it, and one with a guard that never holds. */
const grown: AnyStateMachine = lamp.createMachine({
  id: 'lamp',
  context: { presses: 0 },
  initial: 'dark',
  states: {
    dark: { on: { press: [{ guard: 'isTired', target: 'broken' }, { target: 'lit' }] } },
    lit: { on: { press: 'dark', blow: 'broken' }, after: { burning: 'dark' } },
    broken: {},
  },
});

const world: World = {
  name: 'a lamp and a finger',
  input: undefined,
  happenings: { 'it is pressed': () => ({ type: 'press' }), 'it burns on': { wait: 'deadline' } },
  keyOf: () => [],
};

function walk(subject: Subject): { readonly coverage: Coverage; readonly faults: readonly Fault[] } {
  const coverage = new Coverage(subject.machine);
  const faults = subject.worlds.flatMap((one) => {
    const logic = timedLogic(subject.machine, one);
    const walk = { subject, world: one, logic, coverage };
    return traverse(logic, one).paths.flatMap((path) => take(walk, path) ?? []);
  });
  return { coverage, faults };
}

const subjectOf = (machine: AnyStateMachine): Subject => ({ machine, worlds: [world], violations: () => [] });

describe('the gate', () => {
  test('is open when every transition is on a path', () => {
    const { coverage, faults } = walk(subjectOf(old));
    expect([faults, gapsIn(coverage)]).toEqual([[], []]);
  });

  test('closes when a machine has a transition, a state or a guard that no path covers', () => {
    expect(gapsIn(walk(subjectOf(grown)).coverage)).toEqual([
      'lamp.broken is entered',
      'lamp.dark|press|0 is taken',
      'lamp.lit|blow|0 is taken',
      'isTired on press: true',
    ]);
  });

  test('closes when a delay never ends, and when it is never called off', () => {
    const coverage = new Coverage(old);
    expect(gapsIn(coverage).filter((gap) => gap.startsWith('burning'))).toEqual([
      'burning of lamp.lit ends',
      'burning of lamp.lit is called off',
    ]);
  });

  test('lets pass what is excepted, and closes for an exception that is not needed', () => {
    const { coverage } = walk(subjectOf(grown));
    const [first = '', ...rest] = gapsIn(coverage);
    expect(gapsIn(coverage, { exceptions: { [first]: 'shown here' } })).toEqual(rest);
    expect(gapsIn(coverage, { exceptions: { 'lamp.dark is entered': 'shown here' } }).at(-1)).toBe(
      'the exception "lamp.dark is entered" is not needed',
    );
  });
});

describe('a path', () => {
  test('on which a rule is broken is told, and made as short as it can be', () => {
    const subject: Subject = {
      ...subjectOf(old),
      violations: ({ snapshot, now }) => (snapshot.value === 'lit' && now > 0 ? ['it burns by day only'] : []),
    };
    const logic = timedLogic(old, world);
    const walk = { subject, world, logic, coverage: new Coverage(old) };
    const names = ['it is pressed', 'it is pressed', 'it is pressed', 'it burns on', 'it is pressed', 'it burns on'];
    const fault = take(walk, names);
    expect(fault?.path).toHaveLength(5);
    expect(
      fault &&
        describeFault(
          world,
          shortest(fault, (path) => take(walk, path)),
        ),
    ).toBe(
      [
        'in a lamp and a finger:',
        '1. it is pressed',
        '2. it burns on',
        '3. it is pressed',
        '→ it does not hold that it burns by day only',
      ].join('\n'),
    );
  });

  test('on which the actor does something else than the pure machine is told', () => {
    const subject = subjectOf(old);
    const walk = { subject, world, logic: timedLogic(grown, world), coverage: new Coverage(old) };
    expect(take(walk, ['it is pressed', 'it burns on'])).toBeNull();
    const slow = timedLogic(old.provide({ delays: { burning: 2000 } }), world);
    expect(take({ ...walk, logic: slow }, ['it is pressed'])?.what).toEqual([
      'actor and pure machine wait for the same timers',
    ]);
  });
});
