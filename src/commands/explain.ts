import type { Explanation } from '../model/status.ts';
import { showAnswer } from './ask.ts';
import type { Command } from './command.ts';
import { renderExplanation } from './text/explain.text.ts';

export const command: Command = {
  operands: '[IFACE]',
  fewestOperands: 0,
  mostOperands: 1,
  flags: {},
  about: `Shows the rules of the choice in the order they are asked, with what each says
of both sides; the one that decided is marked. Without IFACE: why the active
uplinks are active. With it: why that interface is used, or is not.`,
  run: (invocation) => {
    const [name] = invocation.operands;
    const query = name === undefined ? '' : `?${new URLSearchParams({ interface: name }).toString()}`;
    return showAnswer<Explanation>(invocation, { method: 'GET', path: `/explain${query}` }, renderExplanation);
  },
};
