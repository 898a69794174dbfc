import { randomUUID } from 'node:crypto';
import { defineConfig, type TestProjectConfiguration } from 'vitest/config';

/** When set, each run leaves its counts here as JSON, so that `npm test` can add them up (pids repeat in sandboxes). */
const tally = process.env['TEST_TALLY_DIR'];

const project = (name: string, test: object = {}): TestProjectConfiguration => ({
  test: { name, include: [`test/${name}/**/*.test.ts`], restoreMocks: true, ...test },
});

export default defineConfig({
  test: {
    reporters: tally ? ['default', ['json', { outputFile: `${tally}/${randomUUID()}.json` }]] : ['default'],
    // Two workers: the machines this runs on have two cores, and netns tests measure time.
    maxWorkers: 2,
    projects: [
      project('unit'),
      project('property', { testTimeout: 90_000 }),
      project('golden'),
      project('model', { testTimeout: 60_000 }),
      // A real browser; it measures how long the page is busy, so one file at a time.
      project('browser', {
        testTimeout: 30_000,
        hookTimeout: 30_000,
        fileParallelism: false,
        expect: { poll: { timeout: 5000 } },
      }),
      // A real kernel, real DHCP: seconds, not milliseconds.
      project('netns', { testTimeout: 60_000, hookTimeout: 60_000, teardownTimeout: 20_000 }),
    ],
  },
});
