import { expect, test } from 'vitest';
import { Listeners } from '../../../../src/adapters/netlink/listeners.ts';
import type { KernelChange } from '../../../../src/model/kernel.ts';

const batch = (name: string): readonly KernelChange[] => [
  {
    object: 'neighbour',
    before: null,
    after: { family: 'ipv4', linkIndex: 1, address: name, macAddress: null, state: 'none', isRouter: false },
  },
];

test('a listener that throws keeps nothing from the others, and is reported', () => {
  const defects: unknown[] = [];
  const heard: number[] = [];
  const listeners = new Listeners((error) => defects.push(error));
  listeners.add(() => {
    throw new Error('a defect');
  });
  listeners.add((changes) => heard.push(changes.length));
  listeners.notify(batch('1'));
  listeners.notify(batch('2'));
  expect(heard).toEqual([1, 1]);
  expect(defects).toEqual([new Error('a defect'), new Error('a defect')]);
});

test('a batch that a listener brings about reaches nobody before the batch at hand has reached all', () => {
  const heard: string[] = [];
  const listeners = new Listeners();
  const first = batch('1');
  const second = batch('2');
  listeners.add((changes) => {
    heard.push(changes === first ? 'a1' : 'a2');
    if (changes === first) listeners.notify(second);
  });
  listeners.add((changes) => heard.push(changes === first ? 'b1' : 'b2'));
  listeners.notify(first);
  expect(heard).toEqual(['a1', 'b1', 'a2', 'b2']);
});

test('an empty batch is none, and who has ended hears no more', () => {
  let count = 0;
  const listeners = new Listeners();
  const end = listeners.add(() => count++);
  listeners.notify([]);
  listeners.notify(batch('1'));
  end();
  listeners.notify(batch('2'));
  expect(count).toBe(1);
});
