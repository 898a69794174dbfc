import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createMachineTimers } from '../../../src/adapters/machine-timers.ts';
import { instant } from '../../../src/model/units.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const start = () => {
  const happened: string[] = [];
  const origin = performance.now();
  const timers = createMachineTimers(
    () => instant(performance.now() - origin),
    (timer, at) => happened.push(`${timer} at ${at}, running ${timers.running.map((each) => each.timer).join(',')}`),
  );
  return { timers, happened };
};

test('timers are numbered in the order in which they are started, and told of before what they were for happens', () => {
  const { timers, happened } = start();
  timers.setTimeout(() => happened.push('later'), 200);
  timers.setTimeout(() => happened.push('sooner'), 100);
  vi.advanceTimersByTime(300);
  expect(happened).toEqual(['2 at 100, running 1', 'sooner', '1 at 200, running ', 'later']);
  expect(timers.lastTimer).toBe(2);
});

test('one that is cancelled is neither running nor told of, and its number is not given again', () => {
  const { timers, happened } = start();
  const first = timers.setTimeout(() => happened.push('never'), 100);
  vi.advanceTimersByTime(50);
  timers.setTimeout(() => {}, 1000);
  timers.clearTimeout(first);
  timers.clearTimeout(first);
  timers.setTimeout(() => {}, 2000);
  expect(timers.running).toMatchObject([
    { timer: 2, startedAt: 50, delay: 1000 },
    { timer: 3, startedAt: 50, delay: 2000 },
  ]);
  vi.advanceTimersByTime(500);
  expect(happened).toEqual([]);
});
