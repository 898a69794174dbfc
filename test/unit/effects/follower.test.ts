import { VirtualTimeScheduler } from 'rxjs';
import { describe, expect, test } from 'vitest';
import type { WorkReport } from '../../../src/effects/attempts.ts';
import { Follower } from '../../../src/effects/follower.ts';
import type { Problem } from '../../../src/model/errors.ts';
import type { OperationResult } from '../../../src/model/network.ts';
import type { ShapingOperation } from '../../../src/model/shaping.ts';

const operation = (name: string): ShapingOperation => ({
  type: 'qdisc.delete',
  interface: name,
  target: name,
  because: 'a test wants it',
});

const done: OperationResult = { ok: true };
const refused: OperationResult = { ok: false, retry: 'retryable', code: 'kernel.refused', message: 'no' };

/** Follows a list of names: each is one operation, done when it is off the list. */
function bench({ names = ['a', 'b'], result = done, isAdopting = false, execute = true } = {}) {
  const scheduler = new VirtualTimeScheduler();
  const calls: string[] = [];
  const keeps: boolean[] = [];
  const world = { names, result, problems: [] as readonly Problem[], reading: Promise.resolve() };
  const follower = new Follower<ShapingOperation>(
    {
      read: async (hasChanged) => {
        calls.push(hasChanged ? 'read all' : 'read');
        await world.reading;
      },
      plan: (keep) => {
        keeps.push(keep);
        return { operations: world.names.map(operation), problems: world.problems };
      },
      carryOut: async ({ target }) => {
        calls.push(target);
        if (world.result.ok) world.names = world.names.filter((name) => name !== target);
        return Promise.resolve(world.result);
      },
      isAbandoned: (one) => {
        const isOver = !one.ok && one.code === 'kernel.featureMissing';
        if (isOver) world.names = [];
        return isOver;
      },
    },
    isAdopting,
    { execute, scheduler },
  );
  const reports: WorkReport<ShapingOperation>[] = [];
  follower.reports.subscribe((report) => reports.push(report));
  const pass = async (wait: number) => {
    scheduler.maxFrames = scheduler.frame + wait;
    scheduler.schedule(() => undefined, wait);
    scheduler.flush();
    await new Promise(setImmediate);
  };
  return { follower, world, calls, keeps, reports, pass };
}

describe('a follower', () => {
  test('carries out one operation at a time, and plans anew after each', async () => {
    const { follower, calls } = bench();
    follower.change();
    await follower.settled();
    expect(calls).toEqual(['read all', 'a', 'read', 'b', 'read']);
    expect(follower.currentPlan()).toEqual([]);
  });

  test('lets what fails hold up nothing else, tries it five times, tells it once, and says what is left at the end', async () => {
    const { follower, world, calls, reports, pass } = bench({ result: refused });
    follower.change();
    for (let round = 0; round < 10; round += 1) await pass(500);
    await follower.settled();
    expect(calls.filter((call) => call === 'a')).toHaveLength(5);
    expect(calls.filter((call) => call === 'b')).toHaveLength(5);
    expect(calls.indexOf('b')).toBe(calls.indexOf('a') + 2);
    const told = reports.flatMap((one) =>
      one.type === 'operation.failed' ? [`${one.object} ${one.problem.code}`] : [],
    );
    expect(told).toEqual(['a kernel.refused', 'b kernel.refused', 'a routing.gaveUp', 'b routing.gaveUp']);
    expect(world.names).toEqual(['a', 'b']);
    expect((await follower.stop()).map(({ target }) => target)).toEqual(['a', 'b']);
  });

  test('does not count as a failure what is wanted no more because of it', async () => {
    const { follower, reports } = bench({ result: { ...refused, code: 'kernel.featureMissing' } });
    follower.change();
    await follower.settled();
    expect(reports.map(({ type }) => type)).toEqual(['operation.executed']);
    expect(await follower.stop()).toEqual([]);
  });

  test('tells a problem once when it comes, and once when it is over', async () => {
    const { follower, world, reports } = bench({ names: [] });
    const look = async () => {
      follower.refresh();
      await follower.settled();
      return reports.map(({ type }) => type);
    };
    world.problems = [{ code: 'dns.conflict', subject: 'a file', message: 'it is theirs' }];
    await look();
    expect(follower.problems).toEqual(world.problems);
    expect(await look()).toEqual(['operation.failed']);
    world.problems = [];
    expect(await look()).toEqual(['operation.failed', 'operation.recovered']);
  });

  test.each([
    ['for 30 s', 30_000, () => undefined],
    ['until a way out is known', 0, (follower: { forgetAdopted(): void }) => follower.forgetAdopted()],
    ['until its end', 0, (follower: { stop(): unknown }) => follower.stop()],
  ])('keeps what a former run left %s', async (_, wait, end) => {
    const { follower, keeps, pass } = bench({ names: [], isAdopting: true });
    follower.refresh();
    await pass(29_999);
    expect(keeps).not.toContain(false);
    const { length } = keeps;
    await end(follower);
    await pass(wait);
    if (wait === 0) follower.refresh();
    await pass(0);
    expect(keeps.slice(length)).toContain(false);
    expect(keeps.at(-1)).toBe(false);
  });

  test('does nothing in a dry run but show what it would do', async () => {
    const { follower, calls } = bench({ execute: false });
    follower.change();
    await follower.settled();
    expect(calls).toEqual(['read all']);
    expect(follower.currentPlan()).toHaveLength(2);
    expect(await follower.stop()).toEqual([]);
  });

  test('does nothing any more when a reading is answered after its end', async () => {
    const { follower, world, calls, pass } = bench();
    let answer = (): void => undefined;
    world.reading = new Promise((resolve) => (answer = resolve));
    const stopped = follower.stop();
    await pass(10_000);
    expect((await stopped).map(({ target }) => target)).toEqual(['a', 'b']);
    answer();
    await pass(0);
    expect(calls).toEqual(['read all']);
  });
});
