import { socketStateAt } from '../adapters/control/socket-state.ts';
import { BackhaulError } from '../model/errors.ts';
import type { Command } from './command.ts';
import { readConfigFile } from './config-file.ts';
import { exitCodes } from './exit-codes.ts';
import { requireNetAdmin } from '../adapters/doctor/privileges.ts';
import { renderRemoved } from './text/plan.text.ts';
import { json, paintFor } from './text/printable.ts';

export const command: Command = {
  operands: '',
  fewestOperands: 0,
  mostOperands: 0,
  flags: {},
  about: `Removes every route and rule that bears backhauld's mark and puts back every
setting it changed: what a killed daemon left behind. Refuses while a daemon
answers on the control socket. What others installed is not touched.`,
  run: async ({ configPath, socketPath, stateDirectory, json: asJson, io }) => {
    const { config } = await readConfigFile(configPath);
    if ((await socketStateAt(socketPath)) === 'answers') {
      throw new BackhaulError({
        code: 'control.inUse',
        subject: socketPath,
        message: 'a daemon holds this control socket; it would put back what is removed',
        remedy: 'end it first: it gives the network back by itself',
      });
    }
    requireNetAdmin();
    const { cleanUp } = await import('../main.ts');
    const removed = await cleanUp({ stateDirectory, config });
    io.out(asJson ? json(removed) : `${renderRemoved(removed, paintFor(io))}\n`);
    return exitCodes.ok;
  },
};
