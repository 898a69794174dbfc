import type { ControlCall } from '../adapters/control/client.ts';
import { BackhaulError } from '../model/errors.ts';
import { parseBytes } from '../model/units.ts';
import type { BudgetStatus } from '../model/usage.ts';
import { showAnswer } from './ask.ts';
import type { Command } from './command.ts';
import { renderBudgets } from './text/budget.text.ts';

export const command: Command = {
  operands: '[reset NAME | set NAME USED]',
  fewestOperands: 0,
  mostOperands: 4,
  flags: {},
  about: `Shows how much of each budget is used, also of devices that are not plugged in.
"reset" begins one anew; "set" says how much of it is used, as the provider
counts it: "1.2 GB", or a number of bytes. NAME is an interface, or what the
first column calls the device.`,
  run: (invocation) =>
    showAnswer<readonly BudgetStatus[]>(invocation, callFor(invocation.operands), (budgets, paint) =>
      renderBudgets(budgets, paint),
    ),
};

/** @throws BackhaulError `usage.invalid` */
function callFor([verb, name, ...rest]: readonly string[]): ControlCall {
  const path = '/budgets';
  if (verb === undefined) return { method: 'GET', path };
  if (verb === 'reset' && name !== undefined && rest.length === 0) {
    return { method: 'DELETE', path: `${path}?${new URLSearchParams({ name }).toString()}` };
  }
  if (verb === 'set' && name !== undefined && rest.length > 0) {
    return { method: 'PUT', path, body: { name, usedBytes: bytesIn(rest.join(' ')) } };
  }
  const isKnown = verb === 'reset' || verb === 'set';
  throw new BackhaulError({
    code: 'usage.invalid',
    message: isKnown ? `"budget ${verb}" is not complete, or is too long` : `"budget" cannot ${JSON.stringify(verb)}`,
    remedy: 'expected "reset NAME" or "set NAME USED"',
  });
}

function bytesIn(text: string): number {
  const read = /^\d+$/u.test(text) ? Number(text) : parseBytes(text);
  if (read !== undefined && Number.isSafeInteger(read)) return read;
  throw new BackhaulError({
    code: 'usage.invalid',
    message: `${JSON.stringify(text)} is no amount of data`,
    remedy: 'expected one such as "1.2 GB" or "350 MiB", or a number of bytes',
  });
}
