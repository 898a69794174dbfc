import { describe, expect, test } from 'vitest';
import { subjects } from './subjects.ts';

/** Minutes that each machine is held to its reference; without them, as long as a check may take. */
const minutes = Number(process.env['MODEL_MINUTES'] ?? 0);

describe('held to a reference that is written from the specification alone', () => {
  for (const { name, hold } of subjects) {
    test(`${name}: machine and reference agree after every event and at every instant`, {
      timeout: 60_000 * (minutes + 1),
    }, () => {
      expect(hold(minutes * 60_000)).toBeGreaterThan(0);
    });
  }
});
