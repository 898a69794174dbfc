import type { Status } from '../model/status.ts';
import { showAnswer } from './ask.ts';
import type { Command } from './command.ts';
import { renderStatus } from './text/status.text.ts';

export const command: Command = {
  operands: '',
  fewestOperands: 0,
  mostOperands: 0,
  flags: {},
  about: `Shows which uplink carries the traffic of each family and why, and every
interface with its state, its verdicts, its rank and its figures.`,
  run: (invocation) =>
    showAnswer<Status>(invocation, { method: 'GET', path: '/status' }, (status, paint) =>
      renderStatus(status, new Date(), paint),
    ),
};
