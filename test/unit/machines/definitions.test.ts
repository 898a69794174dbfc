import { describe, expect, test } from 'vitest';
import { createMachine, setup, type AnyStateMachine } from 'xstate';
import { interfaceMachine } from '../../../src/machines/interface/interface.machine.ts';
import { nodeMachine } from '../../../src/machines/node/node.machine.ts';
import { selectionMachine } from '../../../src/machines/selection/selection.machine.ts';
import { lintDefinition } from './definition-lint.ts';

describe('every statechart', () => {
  const machines: readonly AnyStateMachine[] = [interfaceMachine, selectionMachine, nodeMachine];

  test.each(machines.map((machine) => [machine.id, machine] as const))(
    '%s names only what exists, uses all it defines, and can reach all its states',
    (_, machine) => {
      expect(lintDefinition(machine)).toEqual([]);
    },
  );
});

describe('the walk over a definition', () => {
  test('finds a delay that nobody defined', () => {
    const machine = createMachine({ id: 'm', initial: 'a', states: { a: { after: { soon: 'b' } }, b: {} } });
    expect(lintDefinition(machine)).toEqual(['m.a: there is no delay called soon']);
  });

  test('finds an action and a guard that nobody defined', () => {
    const machine = createMachine({ id: 'm', on: { x: { guard: 'isOdd', actions: ['count'] } }, entry: ['greet'] });
    expect(lintDefinition(machine)).toEqual([
      'm: there is no action called greet',
      'm: there is no guard called isOdd',
      'm: there is no action called count',
    ]);
  });

  test('finds an initial state that does not exist', () => {
    const machine = createMachine({ id: 'm', initial: 'b', states: { a: {} } });
    expect(lintDefinition(machine)[0]).toBe('m: its initial state b is none of its states');
  });

  test('finds a state that nothing leads to', () => {
    const machine = createMachine({ id: 'm', initial: 'a', states: { a: {}, b: { initial: 'c', states: { c: {} } } } });
    expect(lintDefinition(machine)).toEqual(['m.b: nothing leads there', 'm.b.c: nothing leads there']);
  });

  test('finds an implementation that is never used', () => {
    const machine = setup({ actions: { idle: () => {} } }).createMachine({ id: 'm' });
    expect(lintDefinition(machine)).toEqual(['m: the action idle is never used']);
  });
});
