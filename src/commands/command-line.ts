import { nearest } from '../adapters/command-line/nearest.ts';
import { ownVersion } from '../adapters/own-version.ts';
import { BackhaulError, describe, type Problem } from '../model/errors.ts';
import type { Io } from './command.ts';
import { commands } from './commands.ts';
import { exitCodeOf, exitCodes, type ExitCode } from './exit-codes.ts';
import { commandHelp, overallHelp } from './help.ts';
import { parseOptions, splitCommand } from './options.ts';
import { json, printable } from './text/printable.ts';

/** Runs one command line; resolves with the exit code. Never rejects: whatever goes wrong is said, and has its code. */
export async function runCommandLine(args: readonly string[], io: Io): Promise<ExitCode> {
  try {
    return await dispatch(args, io);
  } catch (error) {
    const problems = error instanceof BackhaulError ? error.problems : [defect(error)];
    // The command line may be what is wrong: whether JSON is wanted is seen without understanding the rest.
    if (args.includes('--json')) {
      const [first, ...others] = problems;
      io.out(json(others.length === 0 ? { error: first } : { errors: problems }));
    } else {
      for (const problem of problems) io.err(`backhauld: ${printable(describe(problem))}\n`);
      // A defect, not a failure that was foreseen: who reports it needs the place.
      if (!(error instanceof BackhaulError) && error instanceof Error) io.err(`${error.stack ?? ''}\n`);
    }
    return exitCodeOf((problems[0] ?? defect(error)).code);
  }
}

async function dispatch(args: readonly string[], io: Io): Promise<ExitCode> {
  const { name, rest } = splitCommand(args);
  if (name === undefined || name === 'help') return general(name, rest, io);
  const entry = commands.find((each) => each.name === name);
  if (entry === undefined) throw new BackhaulError(unknownCommand(name));
  const { command } = await entry.load();
  const { help, ...options } = parseOptions(rest, Object.keys(command.flags), Object.keys(command.values ?? {}));
  if (help) {
    io.out(commandHelp(name, command));
    return exitCodes.ok;
  }
  const { length } = options.operands;
  if (length < command.fewestOperands || length > command.mostOperands) {
    throw new BackhaulError({
      code: 'usage.invalid',
      message:
        length < command.fewestOperands
          ? `"${name}" needs ${command.operands}`
          : `"${name}" does not know what to do with ${JSON.stringify(options.operands[command.mostOperands])}`,
      remedy: `see backhauld ${name} --help`,
    });
  }
  return command.run({ ...options, io });
}

/** What is asked of backhauld without a command. */
async function general(name: string | undefined, rest: readonly string[], io: Io): Promise<ExitCode> {
  if (rest.includes('--version')) {
    const version = ownVersion();
    io.out(rest.includes('--json') ? json({ version }) : `backhauld ${version}\n`);
    return exitCodes.ok;
  }
  const topic = name === 'help' ? splitCommand(rest).name : undefined;
  if (topic !== undefined) return dispatch([topic, '--help'], io);
  const { help } = parseOptions(rest, []);
  if (help || name === 'help') {
    io.out(overallHelp());
    return exitCodes.ok;
  }
  io.err(overallHelp());
  return exitCodes.usage;
}

function unknownCommand(name: string): Problem {
  const names = commands.map((each) => each.name);
  const meant = nearest(name, names);
  return {
    code: 'usage.invalid',
    message: `there is no command ${JSON.stringify(name)}`,
    remedy: meant === undefined ? `expected one of ${names.join(', ')}` : `did you mean "${meant}"?`,
  };
}

const defect = (error: unknown): Problem => ({
  code: 'actor.failed',
  message: `a defect of backhauld: ${error instanceof Error ? error.message : String(error)}`,
});
