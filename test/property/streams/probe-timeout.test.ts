import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { milliseconds } from '../../../src/model/units.ts';
import { adaptiveTimeout, withRtt, type RttEstimate } from '../../../src/streams/probe-timeout.ts';

const bounds = { min: milliseconds(200), max: milliseconds(3000) };
const rtt = fc.double({ min: 0, max: 10_000, noNaN: true }).map(milliseconds);
const after = (rtts: readonly number[]): RttEstimate | undefined =>
  rtts.reduce<RttEstimate | undefined>((estimate, one) => withRtt(estimate, milliseconds(one)), undefined);

test('HLTH-5: whatever was measured, the time-out lies between 200 ms and probe.timeout', () => {
  fc.assert(
    fc.property(fc.array(rtt), (rtts) => {
      const timeout = adaptiveTimeout(after(rtts), bounds);
      expect(timeout).toBeGreaterThanOrEqual(200);
      expect(timeout).toBeLessThanOrEqual(3000);
    }),
  );
});

test('HLTH-5: it is never less than the smoothed RTT, which stays within what was measured', () => {
  fc.assert(
    fc.property(fc.array(rtt, { minLength: 1 }), (rtts) => {
      const estimate = after(rtts);
      expect(estimate?.smoothed).toBeGreaterThanOrEqual(Math.min(...rtts) - 1e-6);
      expect(estimate?.smoothed).toBeLessThanOrEqual(Math.max(...rtts) + 1e-6);
      expect(adaptiveTimeout(estimate, bounds)).toBeGreaterThanOrEqual(Math.min(3000, estimate?.smoothed ?? 0));
    }),
  );
});

test('HLTH-5: an RTT beyond the time-out raises it', () => {
  fc.assert(
    fc.property(fc.array(rtt, { minLength: 1 }), rtt, (rtts, late) => {
      const before = adaptiveTimeout(after(rtts), bounds);
      fc.pre(late > before && before < 3000);
      expect(adaptiveTimeout(after([...rtts, late]), bounds)).toBeGreaterThan(before);
    }),
  );
});

test('HLTH-5: an RTT that stays the same is waited for by no more than a tenth in the end', () => {
  fc.assert(
    fc.property(fc.array(rtt), fc.integer({ min: 250, max: 2500 }), (rtts, steady) => {
      const timeout = adaptiveTimeout(after([...rtts, ...Array.from({ length: 120 }, () => steady)]), bounds);
      expect(timeout).toBeGreaterThanOrEqual(steady * 0.999);
      expect(timeout).toBeLessThanOrEqual(steady * 1.1);
    }),
  );
});
