/**
 * A few walks with each run, other ones each time. `MODEL_MINUTES=120` goes on for two hours; `MODEL_SEED=…` starts from
 * the seed that a failure told.
 */
import { describe, expect, test } from 'vitest';
import { Coverage } from './coverage.ts';
import { subjects } from './subjects.ts';
import { walkAtRandom } from './walks.ts';

const longMs = Number(process.env['MODEL_MINUTES'] ?? 0) * 60_000;
const firstSeed = Number(process.env['MODEL_SEED'] ?? Date.now() % 2 ** 31);
const worlds = subjects.flatMap((subject) =>
  subject.worlds.map((world) => ({ subject, world, machine: subject.machine.id, name: world.name })),
);
const fewWalks = 5;

describe('at random, machine and pure machine agree and the rules hold', () => {
  test.each(worlds)(
    '$machine: $name',
    ({ subject, world }) => {
      const coverage = new Coverage(subject.machine);
      const end = performance.now() + longMs / worlds.length;
      let walks = 0;
      do {
        for (let i = 0; i < fewWalks; i++)
          expect(walkAtRandom(subject, world, coverage, firstSeed + walks++)).toBeNull();
      } while (performance.now() < end);
      if (longMs > 0) console.log(`${subject.machine.id}, ${world.name}: ${walks} walks from seed ${firstSeed}`);
    },
    60_000 + longMs,
  );
});
