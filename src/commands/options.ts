import { parseArgs } from 'node:util';

import { nearest } from '../adapters/command-line/nearest.ts';
import { BackhaulError } from '../model/errors.ts';

export const defaultSocketPath = '/run/backhauld/control.sock';
export const defaultStateDirectory = '/var/lib/backhauld';
export const defaultConfigPath = '/etc/backhauld/config.toml';

interface Option {
  readonly type: 'string' | 'boolean';
  readonly short?: string;
  /** What its value is called in help. */
  readonly value?: string;
  readonly about: string;
}

/** Options that every command takes. */
export const commonOptions = {
  socket: { type: 'string', value: 'PATH', about: `control socket (${defaultSocketPath})` },
  'state-dir': { type: 'string', value: 'DIR', about: `where state is kept (${defaultStateDirectory})` },
  config: { type: 'string', value: 'FILE', about: `configuration (${defaultConfigPath})` },
  json: { type: 'boolean', about: 'write JSON, errors too' },
  help: { type: 'boolean', short: 'h', about: 'show this help' },
} as const satisfies Readonly<Record<string, Option>>;

export interface Options {
  readonly operands: readonly string[];
  /** Given flags, without the common ones. */
  readonly flags: ReadonlySet<string>;
  /** Given options with a value, without the common ones. */
  readonly values: ReadonlyMap<string, string>;
  readonly socketPath: string;
  readonly stateDirectory: string;
  readonly configPath: string | null;
  readonly json: boolean;
  readonly help: boolean;
}

/** The command is the first word that is no option and no option's value, so that options may stand before it. */
export function splitCommand(args: readonly string[]): { name: string | undefined; rest: readonly string[] } {
  const { tokens } = parseArgs({
    args: [...args],
    options: commonOptions,
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const command = tokens.find((token) => token.kind === 'positional');
  if (command === undefined) return { name: undefined, rest: args };
  return { name: command.value, rest: args.toSpliced(command.index, 1) };
}

/**
 * Takes the arguments of a command apart.
 *
 * @throws BackhaulError `usage.invalid`
 */
export function parseOptions(
  args: readonly string[],
  ownFlags: readonly string[],
  ownValues: readonly string[] = [],
): Options {
  const flags = Object.fromEntries(ownFlags.map((name) => [name, { type: 'boolean' } as const]));
  const valued = Object.fromEntries(ownValues.map((name) => [name, { type: 'string' } as const]));
  const { values, positionals } = strictly(args, { ...flags, ...valued, ...commonOptions });
  return {
    operands: positionals,
    flags: new Set(ownFlags.filter((name) => values[name] === true)),
    values: new Map(
      ownValues.flatMap((name) => {
        const value = textOf(values, name);
        return value === null ? [] : [[name, value] as const];
      }),
    ),
    socketPath: textOf(values, 'socket') ?? defaultSocketPath,
    stateDirectory: textOf(values, 'state-dir') ?? defaultStateDirectory,
    configPath: textOf(values, 'config'),
    json: values['json'] === true,
    help: values['help'] === true,
  };
}

type Known = Readonly<Record<string, { readonly type: 'string' | 'boolean'; readonly short?: string }>>;
type Values = Readonly<Record<string, string | boolean | (string | boolean)[] | undefined>>;

function strictly(args: readonly string[], options: Known): { values: Values; positionals: string[] } {
  try {
    return parseArgs({ args: [...args], options, strict: true, allowPositionals: true });
  } catch (error) {
    // The one exception it throws: a TypeError with an ERR_PARSE_ARGS_… code, its first sentence for people.
    if (!(error instanceof TypeError)) throw error;
    const unknown = /^Unknown option '([^']*)'/u.exec(error.message)?.[1];
    if (unknown !== undefined) throw new BackhaulError(unknownOption(unknown, Object.keys(options)));
    const [sentence = 'the options cannot be read'] = error.message.split(/\.?\n|\. /u);
    throw new BackhaulError({
      code: 'usage.invalid',
      message: sentence.replace(/^Option/u, 'option'),
      remedy: 'see --help',
    });
  }
}

function unknownOption(written: string, known: readonly string[]) {
  const meant = nearest(written.replace(/^-+/u, ''), known);
  return {
    code: 'usage.invalid',
    message: `there is no option ${JSON.stringify(written)}`,
    remedy: meant === undefined ? 'see --help' : `did you mean "--${meant}"?`,
  } as const;
}

function textOf(values: Values, name: string): string | null {
  const value = values[name];
  if (typeof value !== 'string') return null;
  if (value !== '' && !value.includes('\0')) return value;
  throw new BackhaulError({
    code: 'usage.invalid',
    message: `the value of --${name} is empty`,
    remedy: 'name one, or leave the option out',
  });
}
