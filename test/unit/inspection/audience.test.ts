import { expect, test, vi } from 'vitest';

import { audienceOf } from '../../../src/inspection/audience.ts';
import type { TraceItem } from '../../../src/model/trace.ts';
import { threeUplinks, type NodeBench } from '../machines/node-bench.ts';

/** The audience of a node, how often it is observed now, and what went wrong. */
function stage(node: NodeBench = threeUplinks()) {
  const defects: unknown[] = [];
  let observers = 0;
  const inspect = node.actor.system.inspect.bind(node.actor.system);
  vi.spyOn(node.actor.system, 'inspect').mockImplementation((observer) => {
    const subscription = inspect(observer);
    observers++;
    return {
      unsubscribe: () => {
        observers--;
        subscription.unsubscribe();
      },
    };
  });
  const wallTime = vi.fn<(at: number) => string>((at) => new Date(at).toISOString());
  const watch = audienceOf(node.actor, {
    now: () => node.clock.now(),
    wallTime,
    onDefect: (error) => defects.push(error),
  });
  const viewer = () => {
    const items: TraceItem[] = [];
    return { items, leave: watch((item) => items.push(item)) };
  };
  return { node, defects, watch, viewer, wallTime, observers: () => observers };
}

test('nothing is observed before someone looks, and nothing after the last has left', () => {
  const { node, viewer, observers } = stage();
  expect(observers()).toBe(0);
  const [first, second] = [viewer(), viewer()];
  expect(observers()).toBe(1);
  first.leave();
  first.leave();
  expect(observers()).toBe(1);
  node.good(2);
  second.leave();
  expect(observers()).toBe(0);
  const seen = second.items.length;
  node.good(2);
  expect([first.items.length, second.items.length, seen > 1]).toEqual([1, seen, true]);
});

test('whoever comes later is shown all actors first, and from then on the same as everyone', () => {
  const { node, viewer } = stage();
  const early = viewer();
  node.good(2);
  const missed = early.items.length;
  const late = viewer();
  node.good(3);
  expect(late.items[0]?.type).toBe('actors');
  expect(late.items.slice(1)).toEqual(early.items.slice(missed));
  expect(late.items.length).toBeGreaterThan(1);
});

test('one who comes when all others have left is shown how things stand by then', () => {
  const { node, viewer } = stage();
  viewer().leave();
  node.lose(4);
  const [first] = viewer().items;
  expect(first?.type === 'actors' && first.actors.map(({ id }) => id)).not.toContain('interface.4');
});

test('a viewer that fails is a defect, and takes nothing from the others', () => {
  const { node, watch, viewer, defects } = stage();
  watch(() => {
    throw new Error('no paper left');
  });
  const other = viewer();
  node.good(2);
  expect(other.items.length).toBeGreaterThan(1);
  expect([new Set(defects.map(String)), node.errors]).toEqual([new Set(['Error: no paper left']), []]);
});

test('a trace that fails is begun anew by the next who looks', () => {
  const { node, viewer, defects, observers, wallTime } = stage();
  wallTime.mockImplementationOnce(() => {
    throw new Error('no calendar');
  });
  const first = viewer();
  expect([defects.map(String), observers(), first.items]).toEqual([['Error: no calendar'], 0, []]);
  const second = viewer();
  node.good(2);
  expect(second.items.length).toBeGreaterThan(1);
  expect([observers(), first.items, node.errors]).toEqual([1, second.items, []]);
});
