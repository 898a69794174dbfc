/**
 * Every machine on every path: the production charts are searched by `xstate/graph` as pure logic in virtual time, and
 * each path is then taken by a real actor. At each step the two must agree, and all that must hold of the state holds.
 */
import { afterAll, describe, expect, test } from 'vitest';
import { machines } from '../../../src/inspection/machines.ts';
import { Coverage } from './coverage.ts';
import { coverageTable, gapsIn } from './gate.ts';
import { subjects } from './subjects.ts';
import { timedLogic } from './timed-logic.ts';
import { traverse } from './traversal.ts';
import { describeFault, take, type Fault } from './walking.ts';
import type { Subject, World } from './world.ts';

const walked = subjects.map((subject) => ({ subject, coverage: new Coverage(subject.machine) }));

/** The first path that goes wrong: they come shortest first. */
function walk(subject: Subject, world: World, coverage: Coverage): Fault | null {
  const logic = timedLogic(subject.machine, world);
  const { situations, paths } = traverse(logic, world);
  coverage.situations += situations;
  const seen = new Set<string>();
  for (const path of paths) {
    const fault = take({ subject, world, logic, coverage }, path, seen);
    if (fault !== null) return fault;
  }
  return null;
}

test('every machine there is has its paths', () => {
  const charted = Object.values(machines).map(({ id }) => id);
  expect(subjects.map(({ machine }) => machine.id).toSorted()).toEqual(charted.toSorted());
});

describe.each(walked)('the machine $subject.machine.id', ({ subject, coverage }) => {
  test.each(subject.worlds)('does on every path what its chart says, and keeps its rules: $name', (world) => {
    const fault = walk(subject, world, coverage);
    expect(fault === null ? '' : describeFault(world, fault)).toBe('');
  });

  test('is covered: states, transitions, guards both ways, delays that end and that are called off', () => {
    expect(gapsIn(coverage, subject)).toEqual([]);
  });
});

afterAll(() => console.log(coverageTable(walked)));
