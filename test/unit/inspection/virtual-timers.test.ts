import { expect, test } from 'vitest';
import { VirtualTimers } from '../../../src/inspection/virtual-timers.ts';
import { instant } from '../../../src/model/units.ts';

function timersOf(fired: string[], delays: Readonly<Record<string, number>>): VirtualTimers {
  const timers = new VirtualTimers(instant(1000));
  for (const [name, delay] of Object.entries(delays)) {
    timers.setTimeout(() => fired.push(`${name} at ${timers.now}`), delay);
  }
  return timers;
}

test('timers are numbered from 1, and fire in the order in which they are due, those due together in that of their start', () => {
  const fired: string[] = [];
  const timers = timersOf(fired, { late: 300, first: 100, second: 100, never: 301 });
  expect(timers.running.map(({ timer }) => timer)).toEqual([1, 2, 3, 4]);
  timers.advanceTo(instant(1300));
  expect(fired).toEqual(['first at 1100', 'second at 1100', 'late at 1300']);
  expect([timers.now, timers.nextDueAt, timers.lastTimer]).toEqual([1300, 1301, 4]);
});

test('a timer that another one starts on the way fires on the way too', () => {
  const fired: number[] = [];
  const timers = new VirtualTimers();
  timers.setTimeout(() => timers.setTimeout(() => fired.push(timers.now), 50), 100);
  timers.advanceTo(instant(1000));
  expect(fired).toEqual([150]);
});

test('one that is cleared does not fire, and neither does one that has fired', () => {
  const fired: string[] = [];
  const timers = timersOf(fired, { cleared: 100, fired: 100 });
  timers.clearTimeout(1);
  expect([timers.fire(1), timers.fire(2), timers.fire(2)]).toEqual([false, true, false]);
  expect(fired).toEqual(['fired at 1000']);
});

test('time that is only moved fires nothing, and never goes back', () => {
  const fired: string[] = [];
  const timers = timersOf(fired, { due: 100 });
  timers.moveTo(instant(5000));
  timers.moveTo(instant(2000));
  expect([timers.now, fired.length]).toEqual([5000, 0]);
});

test('one that was running before keeps its number and its start, and the next has a number of its own', () => {
  const timers = new VirtualTimers(instant(1000));
  timers.resume(7, instant(900), () => timers.setTimeout(() => {}, 250));
  timers.countFrom(9);
  timers.setTimeout(() => {}, 1);
  expect(timers.running.map(({ timer, dueAt }) => [timer, dueAt])).toEqual([
    [7, 1150],
    [10, 1001],
  ]);
});
