import type { Status } from '../model/status.ts';
import { BackhaulError } from '../model/errors.ts';
import { showAnswer } from './ask.ts';
import type { Command } from './command.ts';
import { renderTethers } from './text/tether.text.ts';

export const command: Command = {
  operands: '[list]',
  fewestOperands: 0,
  mostOperands: 1,
  flags: {},
  about: `Shows the phones that share their connection by USB or Bluetooth: how far each
is, what it waits for, and why one failed. A phone is known again by its serial
number, whatever its interface is called.`,
  run(invocation) {
    const [verb = 'list'] = invocation.operands;
    if (verb !== 'list') {
      throw new BackhaulError({
        code: 'usage.invalid',
        message: `"tether" cannot ${JSON.stringify(verb)}`,
        remedy: 'expected "list"',
      });
    }
    return showAnswer<Status['tethers']>(invocation, { method: 'GET', path: '/tethers' }, (tethers, paint) =>
      renderTethers(tethers, new Date(), paint),
    );
  },
};
