import { VirtualTimeScheduler, type Subscription } from 'rxjs';
import { describe, expect, test, vi } from 'vitest';
import { Loop } from '../../../src/effects/loop.ts';

/** A loop whose rounds last until they are let go, each with what it then finds. */
function bench({ due = (): readonly (number | null)[] => [], isAtRest = (): boolean => true } = {}) {
  const scheduler = new VirtualTimeScheduler();
  const rounds: { readonly at: number; readonly hasChanged: boolean }[] = [];
  let open: ((isAgain: boolean) => void) | null = null;
  let together = 0;
  let most = 0;
  const loop = new Loop(scheduler, {
    round: async (hasChanged) => {
      rounds.push({ at: scheduler.now(), hasChanged });
      together += 1;
      most = Math.max(most, together);
      const isAgain = await new Promise<boolean>((resolve) => (open = resolve));
      together -= 1;
      return isAgain;
    },
    isAtRest,
    due,
  });
  const turn = async () => new Promise(setImmediate);
  const finish = async (isAgain = false) => {
    await turn();
    open?.(isAgain);
    open = null;
    await turn();
  };
  const pass = async (wait: number) => {
    scheduler.maxFrames = scheduler.frame + wait;
    // A time at which nothing is due is reached by something that is.
    scheduler.schedule(() => undefined, wait);
    scheduler.flush();
    await turn();
  };
  const isSettled = async () => Promise.race([loop.settled().then(() => true), turn().then(() => false)]);
  return { loop, rounds, finish, pass, turn, isSettled, scheduler, most: () => most };
}

describe('a loop', () => {
  test('keeps no timer that has fired', async () => {
    const { loop, pass, scheduler } = bench();
    const timers: Subscription[] = [];
    const schedule = scheduler.schedule.bind(scheduler);
    vi.spyOn(scheduler, 'schedule').mockImplementation((...given) => {
      const timer = schedule(...given);
      timers.push(timer);
      return timer;
    });
    loop.later(5);
    loop.later(50);
    await pass(10);
    expect(timers.slice(0, 2).map(({ closed }) => closed)).toEqual([true, false]);
  });

  test('runs one round at a time, and answers whatever comes meanwhile by one more', async () => {
    const { loop, rounds, finish, turn, most } = bench();
    loop.wake();
    loop.wake();
    expect(rounds).toHaveLength(0);
    await turn();
    expect(rounds).toHaveLength(1);
    for (let times = 0; times < 3; times += 1) loop.wake();
    await finish();
    expect(rounds).toHaveLength(2);
    await finish();
    expect(rounds).toHaveLength(2);
    expect(most()).toBe(1);
  });

  test('goes on while something is done, and tells a round whether anything else has changed', async () => {
    const { loop, rounds, finish } = bench();
    loop.wake();
    await finish(true);
    loop.wake();
    await finish(true);
    await finish(false);
    expect(rounds.map(({ hasChanged }) => hasChanged)).toEqual([true, false, true]);
  });

  test('wakes for what is due first, once, and at once for what came due during the round', async () => {
    let times: readonly (number | null)[] = [null, 80, 50];
    const { loop, rounds, finish, pass } = bench({ due: () => times });
    loop.wake();
    await finish();
    await pass(50);
    expect(rounds.map(({ at }) => at)).toEqual([0, 50]);
    // What the round has seen pass is over.
    times = [50, 60];
    await pass(20);
    await finish();
    await pass(0);
    expect(rounds.map(({ at }) => at)).toEqual([0, 50, 70]);
    await finish();
    await pass(100);
    expect(rounds).toHaveLength(3);
  });

  test('is not settled before a round that was asked for is over, nor while something is to be done soon', async () => {
    let isAtRest = false;
    const { loop, finish, isSettled } = bench({ isAtRest: () => isAtRest });
    loop.wake();
    expect(await isSettled()).toBe(false);
    await finish();
    expect(await isSettled()).toBe(false);
    const settled = loop.settled();
    isAtRest = true;
    loop.wake();
    await finish();
    await settled;
    expect(await isSettled()).toBe(true);
  });

  test('leaves no timer at its end, for that would keep the process alive', async () => {
    const { loop, finish, scheduler } = bench({ due: () => [50] });
    loop.later(60_000);
    const stopped = loop.stop();
    await finish();
    await stopped;
    expect(scheduler.actions).toEqual([]);
  });

  test('ends with one last round, and 10 s after it was told to when that round never ends', async () => {
    const { loop, rounds, finish, pass, turn } = bench();
    const stopped = loop.stop();
    expect(loop.isStopping).toBe(true);
    await turn();
    expect(rounds).toHaveLength(1);
    await pass(9999);
    expect(loop.isStopped).toBe(false);
    await pass(1);
    await stopped;
    loop.wake();
    await finish(true);
    expect(loop.isStopped).toBe(true);
    await loop.stop();
    expect(rounds).toHaveLength(1);
  });
});
