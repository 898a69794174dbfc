import type { Command } from './command.ts';
import { commands } from './commands.ts';
import { commonOptions } from './options.ts';

/** `backhauld --help`. */
export function overallHelp(): string {
  return `Usage: backhauld COMMAND [options]

Keeps this node online: measures every way to the internet and moves traffic to
the best one.

Commands:
${twoColumns(commands.map(({ name, summary }) => [name, summary]))}

Options of every command:
${twoColumns(commonRows())}

  backhauld COMMAND --help   more about a command
  backhauld --version        the version

Exit status: 0 ok, 1 failure, 2 usage or configuration, 3 missing privilege or
tool, 4 no daemon is running.
`;
}

/** `backhauld NAME --help`. */
export function commandHelp(name: string, { operands, flags, values = {}, about }: Command): string {
  const own = [
    ...Object.entries(flags).map(([flag, what]) => [`--${flag}`, what] as const),
    ...Object.entries(values).map(([name, { value, about: what }]) => [`--${name} ${value}`, what] as const),
  ];
  const usage = ['Usage: backhauld', name, operands, '[options]'].filter((part) => part !== '').join(' ');
  return `${usage}

${about}

Options:
${twoColumns([...own, ...commonRows()])}
`;
}

const commonRows = (): (readonly [string, string])[] =>
  Object.entries(commonOptions).map(([name, option]) => [
    `${'short' in option ? `-${option.short}, ` : ''}--${name}${'value' in option ? ` ${option.value}` : ''}`,
    option.about,
  ]);

function twoColumns(rows: readonly (readonly [string, string])[]): string {
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`).join('\n');
}
