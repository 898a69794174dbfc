import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

/** A command that ended with another code than 0, with all it said. */
export class CommandFailed extends Error {
  override readonly name = 'CommandFailed';
  readonly code: number | null;
  readonly stderr: string;

  constructor(command: readonly string[], code: number | null, stderr: string) {
    super(`${command.join(' ')}: ended with ${code ?? 'a signal'}: ${stderr.trim()}`);
    this.code = code;
    this.stderr = stderr;
  }
}

/** Runs a command to its end and returns what it wrote to stdout. Rejects with `CommandFailed`. */
export async function run(file: string, args: readonly string[], input = ''): Promise<string> {
  const child = spawn(file, args);
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  // A command that ends before it has read everything: its exit code tells what there is to tell.
  child.stdin.on('error', () => undefined).end(input);
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) throw new CommandFailed([file, ...args], code, stderr);
  return stdout;
}

export interface StartOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Called with each line of stdout or stderr. */
  readonly onLine?: (line: string) => void;
}

/** A process that goes on in the background. */
export class Service {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #command: string;
  readonly #waiting = new Set<{ match: (line: string) => boolean; resolve: (line: string) => void }>();
  /** The last lines it wrote: what one wants to see when it fails. */
  readonly #tail: string[] = [];
  /** Resolves with the exit code, null after a signal. */
  readonly ended: Promise<number | null>;
  #isRunning = true;

  constructor(file: string, args: readonly string[], { env = {}, cwd, onLine }: StartOptions = {}) {
    this.#command = [file, ...args].join(' ');
    this.#child = spawn(file, args, { env: { ...process.env, ...env }, ...(cwd === undefined ? {} : { cwd }) });
    this.ended = new Promise((resolve) => {
      this.#child.once('error', (error) => this.#tail.push(error.message));
      this.#child.once('close', (code) => {
        this.#isRunning = false;
        resolve(code);
      });
    });
    this.#child.stdin.on('error', () => undefined);
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      createInterface({ input: stream }).on('line', (line) => {
        this.#tail.push(line);
        if (this.#tail.length > 200) this.#tail.shift();
        onLine?.(line);
        for (const waiter of this.#waiting) if (waiter.match(line)) waiter.resolve(line);
      });
    }
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  get isRunning(): boolean {
    return this.#isRunning;
  }

  get lastLines(): string {
    return this.#tail.join('\n');
  }

  write(text: string): void {
    this.#child.stdin.write(text);
  }

  /** Resolves with the next line that matches. Rejects when the process ends first, or after `timeoutMs`. */
  async line(match: (line: string) => boolean, timeoutMs = 15_000): Promise<string> {
    return new Promise<string>((resolve, reject) => {
      const fail = (why: string) => finish(() => reject(new Error(`${this.#command}: ${why}\n${this.lastLines}`)));
      const timer = setTimeout(() => fail(`the awaited line did not come in ${timeoutMs} ms`), timeoutMs);
      const waiter = { match, resolve: (line: string) => finish(() => resolve(line)) };
      const finish = (settle: () => void) => {
        clearTimeout(timer);
        this.#waiting.delete(waiter);
        settle();
      };
      this.#waiting.add(waiter);
      void this.ended.then((code) => fail(`ended with ${code ?? 'a signal'}`));
    });
  }

  signal(name: NodeJS.Signals): void {
    if (this.#isRunning) this.#child.kill(name);
  }

  /** Ends it: politely, and by force after `graceMs`. */
  async end(graceMs = 2000): Promise<number | null> {
    if (!this.#isRunning) return this.ended;
    this.#child.kill('SIGTERM');
    // Someone who was stopped does not hear SIGTERM.
    this.#child.kill('SIGCONT');
    const force = setTimeout(() => {
      this.#child.kill('SIGKILL');
      // Children of its own that outlive it would hold them open for ever.
      this.#child.stdout.destroy();
      this.#child.stderr.destroy();
    }, graceMs);
    const code = await this.ended;
    clearTimeout(force);
    return code;
  }
}
