import type { Operation } from '../../model/network.ts';
import { printable, type Paint } from './printable.ts';

/** The operations that would be carried out now, for people. */
export function renderPlan(operations: readonly Operation[], paint: Paint): string {
  if (operations.length === 0) return 'nothing to do: the network is as desired';
  return listed(operations, paint, ({ type }) => type);
}

const undone: Readonly<Record<Operation['type'], string>> = {
  'route.replace': 'replaced',
  'route.delete': 'removed',
  'rule.add': 'added',
  'rule.delete': 'removed',
  'neighbour.resolve': 'resolved',
  'address.add': 'added',
  'address.delete': 'removed',
  'address.forget': 'forgotten',
  'link.set': 'set',
  'link.restore': 'put back',
  'link.forget': 'forgotten',
  'setting.write': 'written',
  'setting.restore': 'put back',
  'setting.forget': 'forgotten',
  'dns.set': 'set',
  'dns.restore': 'put back',
  'dns.forget': 'forgotten',
  'hotspot.start': 'started',
  'hotspot.change': 'changed',
  'hotspot.stop': 'taken down',
  'qdisc.replace': 'replaced',
  'qdisc.delete': 'removed',
  'sorting.replace': 'replaced',
  'sorting.delete': 'removed',
};

/** What `cleanup` did, for people. */
export function renderRemoved(operations: readonly Operation[], paint: Paint): string {
  if (operations.length === 0) return 'nothing of backhauld was found in the network';
  return listed(operations, paint, ({ type }) => undone[type]);
}

function listed(operations: readonly Operation[], paint: Paint, verb: (operation: Operation) => string): string {
  const width = Math.max(...operations.map((operation) => verb(operation).length));
  return operations
    .map((operation) => {
      const lead = verb(operation).padEnd(width);
      const because = `${' '.repeat(width)}  ${printable(operation.because)}`;
      return `${paint('strong', lead)}  ${printable(operation.target)}\n${paint('faint', because)}`;
    })
    .join('\n');
}
