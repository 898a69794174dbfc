import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { names, quiet, SmallNode } from './small-node.ts';

const minutes = Number(process.env['MODEL_MINUTES'] ?? 0);

type Happening =
  | { readonly what: 'wait'; readonly duration: number }
  | { readonly what: 'unplug' | 'plug' | 'renumber' | 'deaf' | 'heard' | 'rob'; readonly which: number }
  | { readonly what: 'refuse'; readonly type: 'route.replace' | 'rule.add' | 'route.delete' };

const which = fc.nat(names.length - 1);
const happening: fc.Arbitrary<Happening> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      what: fc.constant('wait' as const),
      duration: fc.constantFrom(0, 5, 20, 100, 250, 1000, 5000),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      what: fc.constantFrom(
        'unplug' as const,
        'unplug' as const,
        'plug' as const,
        'renumber' as const,
        'deaf' as const,
        'heard' as const,
        'rob' as const,
      ),
      which,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      what: fc.constant('refuse' as const),
      type: fc.constantFrom('route.replace' as const, 'rule.add' as const, 'route.delete' as const),
    }),
  },
);

async function happen(node: SmallNode, it: Happening): Promise<void> {
  const { kernel } = node;
  if (it.what === 'wait') return node.time.run(it.duration);
  if (it.what === 'refuse') return kernel.failNext(it.type, 'ENOBUFS');
  const index = node.indexes[it.which] ?? 0;
  if (it.what === 'unplug') kernel.unplug(index);
  else if (it.what === 'plug') kernel.plug(index);
  else if (it.what === 'deaf') node.deaf.add(index);
  else if (it.what === 'heard') node.deaf.delete(index);
  else if (it.what === 'rob') node.rob(index);
  else {
    // The lease is another, and for a moment there is none.
    kernel.removeAddress(index, `10.0.${index}.5/24`);
    await kernel.settle();
    node.configure(index);
  }
}

/** Everything in any order: what happens outside, probes' answers, operations and their acknowledgements. */
async function play(node: SmallNode, scheduler: fc.Scheduler, happenings: readonly Happening[]): Promise<void> {
  node.start();
  const { task } = scheduler.scheduleSequence(
    happenings.map((it) => ({ label: JSON.stringify(it), builder: () => happen(node, it) })),
  );
  const progress = { isOver: false };
  void task.finally(() => {
    progress.isOver = true;
  });
  while (!progress.isOver) {
    await scheduler.waitOne();
    await quiet();
  }
}

/** Tries it so often, or with new seeds for as long as the environment says; the seed is told with the counterexample. */
async function always(property: fc.IAsyncProperty<[fc.Scheduler, Happening[]]>, numRuns: number): Promise<void> {
  const end = performance.now() + minutes * 60_000;
  do await fc.assert(property, { numRuns, endOnFailure: false });
  while (performance.now() < end);
}

const timeout = 60_000 * (minutes + 1);

describe('probes, links and operations that overtake each other', () => {
  test(
    'ROUT-4: once all has settled the kernel has what a naive look at the cables wants, and never lost its last way',
    { timeout },
    () =>
      always(
        fc.asyncProperty(
          fc.scheduler(),
          fc.array(happening, { minLength: 5, maxLength: 25 }),
          async (scheduler, happenings) => {
            const node = new SmallNode(scheduler);
            await play(node, scheduler, happenings);
            await node.calmDown(250_000);
            const isThere = (name: string): boolean => {
              const index = node.indexes[names.findIndex((one) => one === name)] ?? 0;
              return node.kernel.network.plugged.has(index);
            };
            const isHeard = (name: string): boolean =>
              !node.deaf.has(node.indexes[names.findIndex((one) => one === name)] ?? 0);
            const alive = names.filter((name) => isThere(name) && isHeard(name));
            const dead = names.filter((name) => isThere(name) && !isHeard(name));
            const { ranking } = node;
            expect(node.complaints).toEqual([]);
            expect(node.plan).toEqual([]);
            expect(ranking.slice(0, alive.length)).toEqual(alive);
            expect([...ranking].toSorted()).toEqual([...alive, ...dead].toSorted());
            expect(ranking).toEqual(node.wanted.map((index) => node.kernel.network.links.get(index)?.name));
            // ROUT-5: and with nothing else going on, what others remove is put back.
            for (const index of node.indexes) node.rob(index);
            await node.calmDown(1000);
            expect(node.ranking).toEqual(ranking);
          },
        ),
        25,
      ),
  );

  test('ROUT-8: a stop in the middle of it gives everything back', { timeout }, () =>
    always(
      fc.asyncProperty(
        fc.scheduler(),
        fc.array(happening, { minLength: 1, maxLength: 15 }),
        async (scheduler, happenings) => {
          const node = new SmallNode(scheduler);
          await play(node, scheduler, happenings);
          const ended = node.stop();
          await node.calmDown(11_000);
          expect(await ended).toEqual([]);
          expect(node.remains).toEqual([]);
          expect(node.complaints).toEqual([]);
        },
      ),
      40,
    ),
  );
});
