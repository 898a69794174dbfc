import { examine } from '../adapters/doctor/doctor.ts';
import type { Finding } from '../adapters/doctor/finding.ts';
import type { Command } from './command.ts';
import { readConfigFile } from './config-file.ts';
import { exitCodeOf, exitCodes, type ExitCode } from './exit-codes.ts';
import { renderFindings } from './text/doctor.text.ts';
import { json, paintFor } from './text/printable.ts';

export const command: Command = {
  operands: '',
  fewestOperands: 0,
  mostOperands: 0,
  flags: {},
  about: `Looks for what would keep the daemon from its work: privileges, tools, features
of the kernel, other network managers, rules and tables that others use. Reads
only. Exit status 3 when a privilege or tool that "run" needs is missing, 1 for
other problems.`,
  run: async ({ configPath, json: asJson, io }) => {
    const { config } = await readConfigFile(configPath);
    const findings = await examine(config);
    io.out(asJson ? json({ findings }) : `${renderFindings(findings, paintFor(io))}\n`);
    return exitCodeFor(findings);
  },
};

/** What `run` lacks says more than any other problem. */
export function exitCodeFor(findings: readonly Finding[]): ExitCode {
  const codes = findings.flatMap((finding) => (finding.status === 'problem' ? [exitCodeOf(finding.code)] : []));
  if (codes.includes(exitCodes.missing)) return exitCodes.missing;
  return codes.length > 0 ? exitCodes.failure : exitCodes.ok;
}
