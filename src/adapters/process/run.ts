import type { ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Options } from 'execa';
import type { ErrorCode } from '../../model/errors.ts';

export interface RunOptions {
  /** Milliseconds until it is ended by force. */
  readonly timeout: number;
  /** Ends it early. */
  readonly signal?: AbortSignal;
  /** What it reads from stdin; without it stdin is empty. The place for secrets: arguments show in the process list. */
  readonly input?: string;
  /** Bytes of stdout and of stderr, each; more of them end the process. 1 MiB unless given. */
  readonly maxBuffer?: number;
}

interface Output {
  readonly stdout: string;
  readonly stderr: string;
  /** Null when a signal ended it, or when it did not start. */
  readonly exitCode: number | null;
}

export type ProcessResult =
  | (Output & { readonly ok: true; readonly exitCode: 0 })
  | (Output & {
      readonly ok: false;
      readonly code: Extract<ErrorCode, 'tool.missing' | 'tool.timeout' | 'tool.failed'>;
      /** One sentence that names the program and never its arguments, input or output. */
      readonly message: string;
      readonly isAborted: boolean;
    });

/** From SIGTERM to SIGKILL. */
const grace = 1000;
/** From the end of a process to that of its pipes. */
const pipeGrace = 300;

/** Root's own programs live where the PATH of a user, or of a bare service, does not look. */
const systemPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

const searchPath = (): string =>
  process.env['PATH'] === undefined ? systemPath : `${process.env['PATH']}:${systemPath}`;

/** Nothing of our own environment reaches a child but where programs are; messages are in English. */
const environment = (): Readonly<Record<string, string>> => ({ PATH: searchPath(), LANG: 'C' });

/**
 * Runs a program to its end, without a shell. Never rejects: what went wrong is a value, and it is told by
 * `tool.missing` (no such program), `tool.timeout`, or `tool.failed` (it ended otherwise than by 0, wrote too much, was
 * aborted or may not be run).
 */
export async function run(file: string, args: readonly string[], options: RunOptions): Promise<ProcessResult> {
  // What may be installed later is asked for again and again, and a child that finds no program costs milliseconds.
  if (!mayBeFound(file))
    return { ok: false, stdout: '', stderr: '', exitCode: null, isAborted: false, ...missing(file) };
  // Loaded with the first process: many runs of the daemon never start one.
  const { execa } = await import('execa');
  const { timeout, signal, input, maxBuffer = 1024 * 1024 } = options;
  const settings: Options = {
    reject: false,
    shell: false,
    extendEnv: false,
    env: environment(),
    cwd: '/',
    timeout,
    maxBuffer,
    killSignal: 'SIGTERM',
    forceKillAfterDelay: grace,
    encoding: 'utf8',
    stripFinalNewline: false,
    ...(signal === undefined ? {} : { cancelSignal: signal }),
    ...(input === undefined ? { stdin: 'ignore' } : { input }),
  };
  const child = attempt(() => execa(file, args, settings));
  if (child === null) return { ok: false, stdout: '', stderr: '', exitCode: null, isAborted: false, ...unusable(file) };
  const letGo = releasePipes(child.nodeChildProcess);
  const outcome = await child;
  letGo();
  const { exitCode } = outcome;
  const stdout = textOf(outcome.stdout);
  const stderr = textOf(outcome.stderr);
  if (!outcome.failed && exitCode === 0) return { ok: true, stdout, stderr, exitCode };
  return {
    ok: false,
    stdout,
    stderr,
    exitCode: exitCode ?? null,
    isAborted: outcome.isCanceled,
    ...explain(file, outcome, timeout),
  };
}

/** False where a name stands for no program in any directory of the search path, as execvp(3) goes through it. */
const mayBeFound = (file: string): boolean =>
  /[/\0]/u.test(file) ||
  searchPath()
    .split(':')
    .some((directory) => existsSync(join(directory || '/', file)));

/** execa throws for arguments that no program can be given, and its message holds them. */
function attempt<T>(start: () => T): T | null {
  try {
    return start();
  } catch {
    return null;
  }
}

const missing = (file: string): Explanation => ({ code: 'tool.missing', message: `${file} is not installed` });

const unusable = (file: string): Explanation => ({
  code: 'tool.failed',
  message: `${file} cannot be given these arguments`,
});

/** execa knows other kinds of output, by other options than these. */
const textOf = (output: unknown): string => (typeof output === 'string' ? output : '');

/**
 * A grandchild that keeps stdout open would keep us waiting for a process that has long ended. So its pipes are given up
 * when they are not closed soon after its end. Returns the way to stop that.
 */
function releasePipes(child: ChildProcess): () => void {
  let timer: NodeJS.Timeout | undefined;
  child.once('exit', () => {
    timer = setTimeout(() => {
      child.stdout?.destroy();
      child.stderr?.destroy();
    }, pipeGrace);
  });
  return () => {
    clearTimeout(timer);
  };
}

interface Ending {
  readonly timedOut: boolean;
  readonly isCanceled: boolean;
  readonly isMaxBuffer: boolean;
  readonly code?: string | undefined;
  readonly signal?: string | undefined;
  readonly exitCode?: number | undefined;
}

interface Explanation {
  readonly code: 'tool.missing' | 'tool.timeout' | 'tool.failed';
  readonly message: string;
}

/** Names the program only: execa's own messages hold its arguments and what it wrote. */
function explain(file: string, ending: Ending, timeout: number): Explanation {
  const failed = (what: string): Explanation => ({ code: 'tool.failed', message: `${file} ${what}` });
  if (ending.code === 'ENOENT') return missing(file);
  if (ending.timedOut) return { code: 'tool.timeout', message: `${file} did not end within ${timeout} ms` };
  if (ending.isCanceled) return failed('was ended on request');
  if (ending.isMaxBuffer) return failed('wrote more than is read');
  if (ending.exitCode !== undefined) return failed(`ended with exit code ${ending.exitCode}`);
  if (ending.signal !== undefined) return failed(`was ended by ${ending.signal}`);
  return failed(`cannot be run (${ending.code ?? 'unknown error'})`);
}
