import { showAnswer } from './ask.ts';
import type { Command } from './command.ts';
import { printable } from './text/printable.ts';

interface Pinned {
  readonly pinned: string | null;
}

export const command: Command = {
  operands: 'NAME|auto',
  fewestOperands: 1,
  mostOperands: 1,
  flags: {},
  about: `Prefers one uplink over all that are reachable; it is passed over while it is
not, and taken again when it is. "auto" lets the daemon choose again.`,
  run: (invocation) => {
    const [name = 'auto'] = invocation.operands;
    return showAnswer<Pinned>(
      invocation,
      name === 'auto' ? { method: 'DELETE', path: '/pin' } : { method: 'PUT', path: '/pin', body: { name } },
      ({ pinned }) => (pinned === null ? 'nothing is pinned; the daemon chooses' : `${printable(pinned)} is pinned`),
    );
  },
};
