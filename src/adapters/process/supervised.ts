import { spawn, type ChildProcess } from 'node:child_process';
import { env as ownEnvironment } from 'node:process';
import { LineSplitter } from './line-splitter.ts';

/** From SIGTERM to SIGKILL, in milliseconds. */
const grace = 2000;
/** From the end of a process to that of its pipes: what it has started may hold them open. */
const pipeGrace = 300;
/** Lines that are kept of what it said, and characters of each. */
const lastLines = 10;
const lastCharacters = 300;

/** Root's own programs live where the PATH of a user, or of a bare service, does not look. */
const systemPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** How a long-lived program ended. */
export interface SupervisedExit {
  /** Null when a signal ended it, or when it could not be started at all. 127: there is no such program. */
  readonly code: number | null;
  readonly signal: string | null;
  /** The last lines it wrote, oldest first. They are as it wrote them: whoever gave it secrets conceals them. */
  readonly lastWords: readonly string[];
}

export interface SupervisedOptions {
  /** A line of its standard output or its standard error. */
  onLine(line: string): void;
  /** Called once, after its last line; also for a program that could not be started. Never before `startSupervised` returns. */
  onExit(exit: SupervisedExit): void;
  /** What its environment holds besides PATH and LANG. */
  readonly env?: Readonly<Record<string, string>>;
  /** The capabilities it may have, as `net_admin`; every other one is taken from it for good. Missing: all of ours. */
  readonly capabilities?: readonly string[];
}

/** A running program that ends with this process. */
export interface Supervised {
  /** Undefined when it could not be started. */
  readonly pid: number | undefined;
  /** SIGTERM, and after 2 s SIGKILL. Resolves when it has ended. Idempotent; never rejects. */
  stop(): Promise<void>;
  /** Does nothing when it has ended. */
  signal(name: 'SIGHUP' | 'SIGUSR1' | 'SIGUSR2'): void;
}

/**
 * Starts a long-lived program, without a shell. Never throws: that it could not be started is an exit like any other.
 *
 * It gets a session of its own, so that Ctrl-C in a terminal reaches only us, who end it in order; and the kernel kills
 * it when we are killed (PR_SET_PDEATHSIG, by setpriv of util-linux, which becomes the program). A program that changes
 * its user loses that, and outlives us.
 */
export function startSupervised(file: string, args: readonly string[], options: SupervisedOptions): Supervised {
  const lastWords: string[] = [];
  let isOver = false;
  let announceEnd = (): void => undefined;
  const ended = new Promise<void>((resolve) => {
    announceEnd = resolve;
  });
  const hear = (line: string): void => {
    if (isOver) return;
    lastWords.push(line.slice(0, lastCharacters));
    if (lastWords.length > lastLines) lastWords.shift();
    options.onLine(line);
  };
  const finish = (code: number | null, signal: string | null): void => {
    if (isOver) return;
    isOver = true;
    announceEnd();
    options.onExit({ code, signal, lastWords });
  };

  const child = launch(file, args, options);
  if (child === null) {
    lastWords.push(`${file} cannot be given these arguments`);
    queueMicrotask(() => finish(null, null));
    return { pid: undefined, stop: () => ended, signal: () => undefined };
  }
  const splitters = [child.stdout, child.stderr].map((stream) => {
    const splitter = new LineSplitter(hear);
    stream?.setEncoding('utf8').on('data', (text: string) => splitter.take(text));
    stream?.on('error', () => undefined);
    return splitter;
  });
  let pipeTimer: NodeJS.Timeout | undefined;
  child.once('error', (error: NodeJS.ErrnoException) => {
    if (child.pid !== undefined) return;
    lastWords.push(`${file} cannot be started: setpriv: ${error.code ?? 'unknown error'}`);
    finish(null, null);
  });
  child.once('exit', () => {
    pipeTimer = setTimeout(() => {
      child.stdout?.destroy();
      child.stderr?.destroy();
    }, pipeGrace);
  });
  child.once('close', (code, signal) => {
    clearTimeout(pipeTimer);
    for (const splitter of splitters) splitter.end();
    finish(code, signal);
  });
  let isStopping = false;
  return {
    pid: child.pid,
    async stop() {
      if (!isStopping && !isOver) {
        isStopping = true;
        child.kill('SIGTERM');
        const timer = setTimeout(() => child.kill('SIGKILL'), grace);
        void ended.then(() => clearTimeout(timer));
      }
      return ended;
    },
    signal(name) {
      if (!isOver) child.kill(name);
    },
  };
}

function launch(
  file: string,
  args: readonly string[],
  { env = {}, capabilities }: SupervisedOptions,
): ChildProcess | null {
  const { PATH } = ownEnvironment;
  const bounds =
    capabilities === undefined
      ? []
      : ['--no-new-privs', '--bounding-set', ['-all', ...capabilities.map((one) => `+${one}`)].join(',')];
  try {
    return spawn('setpriv', ['--pdeathsig', 'KILL', ...bounds, '--', file, ...args], {
      cwd: '/',
      detached: true,
      env: { PATH: PATH === undefined ? systemPath : `${PATH}:${systemPath}`, LANG: 'C', ...env },
      shell: false,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  } catch {
    // Arguments that no program can be given; the message of the error holds them.
    return null;
  }
}
