import type { Operation } from '../model/network.ts';
import { showAnswer } from './ask.ts';
import type { Command } from './command.ts';
import { renderPlan } from './text/plan.text.ts';

export const command: Command = {
  operands: '',
  fewestOperands: 0,
  mostOperands: 0,
  flags: {},
  about: `Shows the operations that the daemon would carry out now, each with its reason;
none when the network is as desired. With routing.execute = false (or run
--dry-run) this is what backhauld would do.`,
  run: (invocation) => showAnswer<readonly Operation[]>(invocation, { method: 'GET', path: '/plan' }, renderPlan),
};
