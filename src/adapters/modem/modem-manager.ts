import type { Problem } from '../../model/errors.ts';
import type { ModemStatus } from '../../model/modem.ts';
import { run } from '../process/run.ts';
import { parseModem, parseModemList, type ModemReport } from './mmcli.codec.ts';

/** `absent`: there is no ModemManager to ask, which is nothing to complain of. */
export type ModemAnswer =
  | { readonly kind: 'absent' }
  | { readonly kind: 'broken'; readonly problem: Problem }
  /** By the name of the network interface. */
  | { readonly kind: 'read'; readonly modems: ReadonlyMap<string, ModemStatus> };

/** It answers within 0.1 s; in milliseconds. */
const patience = 5000;
/** A modem's own report has about 4 kB. */
const longestAnswer = 256 * 1024;

/** What mmcli says where nobody has that name on the bus, or where there is no bus. It starts none. */
const absence = /couldn't (?:find the ModemManager process|get bus)/u;

/** Asks ModemManager for all modems. Never rejects. */
export async function readModems(mmcli = 'mmcli'): Promise<ModemAnswer> {
  const ask = (argument: string) =>
    run(mmcli, ['--output-json', argument], { timeout: patience, maxBuffer: longestAnswer });
  const listed = await ask('--list-modems');
  if (!listed.ok) {
    const isAbsent = listed.code === 'tool.missing' || absence.test(listed.stderr);
    return isAbsent ? { kind: 'absent' } : broken(listed.message);
  }
  const paths = parseModemList(listed.stdout);
  if (paths === null) return broken('mmcli lists no modems in a form that is known');
  const reports = await Promise.all(
    paths.map(async (path): Promise<ModemReport | string> => {
      const answer = await ask(`--modem=${path}`);
      if (!answer.ok) return answer.message;
      return parseModem(answer.stdout) ?? 'mmcli describes a modem in no form that is known';
    }),
  );
  const known = reports.filter((report) => typeof report !== 'string');
  // One that was just unplugged is listed and cannot be asked.
  const failure = reports.find((report) => typeof report === 'string');
  if (failure !== undefined && known.length === 0) return broken(failure);
  return {
    kind: 'read',
    modems: new Map(known.flatMap(({ interfaces, status }) => interfaces.map((name) => [name, status] as const))),
  };
}

const broken = (message: string): ModemAnswer => ({
  kind: 'broken',
  problem: {
    code: 'modem.unavailable',
    message: `ModemManager cannot be asked for state and signal of modems: ${message}`,
    remedy: 'try `mmcli --list-modems`; the interfaces of modems are used as they are',
  },
});
