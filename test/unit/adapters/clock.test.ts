import { expect, test, vi } from 'vitest';
import { createClock, schedulerOf } from '../../../src/adapters/clock.ts';
import { instant } from '../../../src/model/units.ts';

test('an instant has the same text however the two clocks are read', () => {
  let noise = 0;
  const clock = createClock({ monotonic: () => 1000, wall: () => Date.UTC(2026, 0, 1) + (noise += 0.4) });
  expect(clock.wallTime(instant(0))).toBe('2025-12-31T23:59:59.000Z');
  expect(clock.wallTime(instant(0))).toBe('2025-12-31T23:59:59.000Z');
});

test('when the wall clock is set, what was seen before gets the right time too', () => {
  let wall = 0;
  const clock = createClock({ monotonic: () => 60_000, wall: () => wall });
  expect(clock.wallTime(instant(60_000))).toBe('1970-01-01T00:00:00.000Z');
  wall = Date.UTC(2026, 0, 1);
  expect(clock.wallTime(instant(0))).toBe('2025-12-31T23:59:00.000Z');
});

test('the clock itself goes forward and knows the day', () => {
  const clock = createClock();
  const before = clock.now();
  expect(clock.now()).toBeGreaterThanOrEqual(before);
  expect(Math.abs(Date.parse(clock.wallTime(clock.now())) - Date.now())).toBeLessThan(50);
});

test('a wait that the scheduler measures is not changed by setting the wall clock', () => {
  vi.useFakeTimers();
  try {
    const scheduler = schedulerOf(createClock());
    const end = scheduler.now() + 1000;
    let isOver = false;
    scheduler.schedule(() => (isOver = true), 1000);
    vi.setSystemTime(Date.now() - 3_600_000);
    vi.advanceTimersByTime(1000);
    expect(isOver).toBe(true);
    expect(scheduler.now()).toBeCloseTo(end, 3);
  } finally {
    vi.useRealTimers();
  }
});
