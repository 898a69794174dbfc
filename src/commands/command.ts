import type { ExitCode } from './exit-codes.ts';

/** Where a command writes, and what it may know of the place it runs in. */
export interface Io {
  /** Writes to the standard output. */
  out(text: string): void;
  /** Writes to the standard error. */
  err(text: string): void;
  /** Whether the standard output takes colours: a terminal, and nobody asked for none (no-color.org). */
  readonly hasColors: boolean;
}

/** A command line, taken apart and checked. */
export interface Invocation {
  readonly operands: readonly string[];
  /** Names of the command's own flags that were given. */
  readonly flags: ReadonlySet<string>;
  /** Those of the command's own options with a value that were given. */
  readonly values: ReadonlyMap<string, string>;
  readonly json: boolean;
  readonly socketPath: string;
  readonly stateDirectory: string;
  /** The configuration file that was named; null for the default one, which need not exist. */
  readonly configPath: string | null;
  readonly io: Io;
}

/** What one command is: its file exports it as `command`. */
export interface Command {
  /** What stands after the name, as usage shows it; empty for nothing. */
  readonly operands: string;
  readonly fewestOperands: number;
  readonly mostOperands: number;
  /** The command's own flags, each with what it does. */
  readonly flags: Readonly<Record<string, string>>;
  /** The command's own options that take a value: what help calls it, and what the option does. */
  readonly values?: Readonly<Record<string, { readonly value: string; readonly about: string }>>;
  /** What it does, in lines of at most 80 columns. */
  readonly about: string;
  /** Does it. Expected failures are thrown as `BackhaulError`. */
  run(invocation: Invocation): Promise<ExitCode>;
}
