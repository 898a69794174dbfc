import * as fc from 'fast-check';

/** Time passes: from now on, or until (about) a deadline that the reference knows of. */
export interface Wait {
  readonly type: 'wait';
  readonly until: 'now' | 'pending' | 'reuse' | 'challenge';
  readonly plus: number;
}

/** Typical durations, those of the configuration among them, and every deadline exactly and a millisecond beside it. */
export const waits = (...deadlines: readonly Wait['until'][]): fc.Arbitrary<Wait> =>
  fc.oneof(
    {
      weight: 5,
      arbitrary: fc.record({
        type: fc.constant('wait' as const),
        until: fc.constant('now' as const),
        plus: fc.oneof(
          fc.constantFrom(0, 1, 20, 250, 1000, 2500, 4999, 5000, 5001, 9999, 10_000, 15_000, 30_000, 60_000, 120_000),
          fc.integer({ min: 1, max: 20_000 }),
        ),
      }),
    },
    {
      weight: 5,
      arbitrary: fc.record({
        type: fc.constant('wait' as const),
        until: fc.constantFrom(...deadlines),
        plus: fc.constantFrom(-1, 0, 1),
      }),
    },
  );
