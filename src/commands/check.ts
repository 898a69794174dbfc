import type { Command } from './command.ts';
import { readConfigFile } from './config-file.ts';
import { exitCodes } from './exit-codes.ts';
import { json, paintFor, printable } from './text/printable.ts';

export const command: Command = {
  operands: '[FILE]',
  fewestOperands: 0,
  mostOperands: 1,
  flags: {},
  about: `Checks a configuration file (that of --config when none is named) and reports
every mistake with its line and column. Changes nothing, asks no daemon.`,
  run: async ({ operands, configPath, json: asJson, io }) => {
    const { path } = await readConfigFile(operands[0] ?? configPath);
    if (asJson) {
      io.out(json({ ok: true, file: path }));
      return exitCodes.ok;
    }
    const paint = paintFor(io);
    io.out(
      path === null
        ? 'there is no configuration file: the defaults hold\n'
        : `${printable(path)}: ${paint('good', 'the configuration is valid')}\n`,
    );
    return exitCodes.ok;
  },
};
