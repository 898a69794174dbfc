/**
 * A few walks with each run, other ones each time. `MODEL_MINUTES=120` goes on for two hours; `MODEL_SEED=…` starts from
 * the seed that a failure told.
 */
import { describe, expect, test } from 'vitest';
import { Coverage } from './coverage.ts';
import { subjects } from './subjects.ts';
import { SystemCoverage } from './system.ts';
import { systemWorlds } from './system.world.ts';
import { walkAtRandom, walkSystemAtRandom } from './walks.ts';

const longMs = Number(process.env['MODEL_MINUTES'] ?? 0) * 60_000;
const firstSeed = Number(process.env['MODEL_SEED'] ?? Date.now() % 2 ** 31);
const fewWalks = 5;

const machineWalks = subjects.flatMap((subject) => {
  const coverage = new Coverage(subject.machine);
  return subject.worlds.map((world) => ({
    name: `${subject.machine.id}: ${world.name}`,
    walk: (seed: number) => walkAtRandom(subject, world, coverage, seed),
  }));
});
const systemCoverage = new SystemCoverage();
const systemWalks = systemWorlds.map((world) => ({
  name: `the whole node: ${world.name}`,
  walk: (seed: number) => walkSystemAtRandom(world, systemCoverage, seed),
}));
const walks = [...machineWalks, ...systemWalks];

describe('at random, the actors do what their charts say and keep their rules', () => {
  test.each(walks)(
    '$name',
    ({ name, walk }) => {
      const end = performance.now() + longMs / walks.length;
      let count = 0;
      do {
        for (let i = 0; i < fewWalks; i++) expect(walk(firstSeed + count++) ?? '').toBe('');
      } while (performance.now() < end);
      if (longMs > 0) console.log(`${name}: ${count} walks from seed ${firstSeed}`);
    },
    60_000 + longMs,
  );
});
