import { type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import type { Family } from '../../../model/family.ts';
import { childEnvironment, isProgramMissing } from './child-environment.ts';

/** What became of a group of lines. `failures` holds what `ip` said of a line, by the line's position in the group. */
export type BatchAnswer =
  | { readonly ok: true; readonly output: readonly string[]; readonly failures: ReadonlyMap<number, string> }
  | { readonly ok: false; readonly isMissing: boolean; readonly message: string };

/** `output`: each line that succeeds prints one line of JSON. */
export type BatchKind = 'output' | 'quiet';

interface Request {
  readonly lines: readonly string[];
  readonly kind: BatchKind;
  readonly answer: (answer: BatchAnswer) => void;
}

/** Of no use to `ip`, which says so, and thereby that it has come this far. */
const marker = 'end-of-group';
const answerTimeout = 5000;

/**
 * A persistent `ip -force -batch -` for one family: commands go in at 0.1–0.2 ms each, where a process for each would
 * take 6–10 ms.
 *
 * `ip` prints errors to standard error as some text and then `Command failed -:LINE`; of success it says nothing. So
 * each group of lines ends with one that fails for certain. Groups are sent one after another. A child that hangs or
 * ends takes its group with it, which is answered so; the next group starts a new child. It ends with this process: its
 * standard input ends then. Output is bytes, one a character: names need not be UTF-8.
 */
export class IpBatch {
  readonly #program: string;
  readonly #arguments: readonly string[];
  readonly #waiting: Request[] = [];
  #child: ChildProcessByStdio<Writable, Readable, Readable> | undefined;
  #current: Request | undefined;
  #timer: NodeJS.Timeout | undefined;
  /** Lines that this child has been sent: `ip` counts them. */
  #sent = 0;
  #firstLine = 0;
  #output = '';
  #errors = '';
  #isClosed = false;
  #generation = 0;

  constructor(family: Family, options: readonly string[], program: string) {
    this.#program = program;
    this.#arguments = [family === 'ipv4' ? '-4' : '-6', ...options, '-force', '-batch', '-'];
  }

  /** Runs the lines. They must be safe: a line that `ip` cannot make words of may end it. Never rejects. */
  async run(lines: readonly string[], kind: BatchKind): Promise<BatchAnswer> {
    return new Promise((resolve) => {
      this.#waiting.push({ lines, kind, answer: resolve });
      this.#next();
    });
  }

  /** Counts the children: what one of them remembers, the next does not. */
  get generation(): number {
    return this.#generation;
  }

  /** The next group gets a new child. To be called between groups. */
  renew(): void {
    this.#child?.stdin.end();
    this.#child = undefined;
  }

  /** Ends the child; what waits is answered as failed. */
  async close(): Promise<void> {
    this.#isClosed = true;
    const child = this.#child;
    const hasEnded = child === undefined || child.exitCode !== null || child.signalCode !== null;
    const ended = hasEnded ? Promise.resolve() : new Promise<void>((resolve) => child.once('close', () => resolve()));
    this.#fail({ ok: false, isMissing: false, message: 'it has been closed' });
    return ended;
  }

  #next(): void {
    if (this.#current !== undefined) return;
    const request = this.#waiting.shift();
    if (request === undefined) return;
    this.#current = request;
    if (this.#isClosed) {
      this.#fail({ ok: false, isMissing: false, message: 'it has been closed' });
      return;
    }
    const child = this.#child ?? this.#start();
    this.#firstLine = this.#sent + 1;
    this.#sent += request.lines.length + 1;
    this.#output = '';
    this.#errors = '';
    this.#timer = setTimeout(() => {
      this.#fail({ ok: false, isMissing: false, message: `it did not answer within ${answerTimeout} ms` });
    }, answerTimeout);
    child.stdin.write(`${[...request.lines, marker].join('\n')}\n`, 'latin1');
  }

  #start(): ChildProcessByStdio<Writable, Readable, Readable> {
    const child = spawn(this.#program, this.#arguments, { stdio: ['pipe', 'pipe', 'pipe'], env: childEnvironment() });
    this.#child = child;
    this.#generation += 1;
    this.#sent = 0;
    child.stdout.setEncoding('latin1').on('data', (text: string) => {
      if (this.#child === child) this.#take(text, '');
    });
    child.stderr.setEncoding('latin1').on('data', (text: string) => {
      if (this.#child === child) this.#take('', text);
    });
    const end = (isMissing: boolean, message: string): void => {
      if (this.#child === child) this.#fail({ ok: false, isMissing, message });
    };
    child.on('error', (error: NodeJS.ErrnoException) => end(isProgramMissing(error), error.message));
    child.on('close', (code, signal) => end(false, `it ended (${signal ?? code}): ${this.#errors.trim()}`));
    // Writing to a child that has just ended: its end is what counts.
    child.stdin.on('error', () => undefined);
    return child;
  }

  #take(output: string, errors: string): void {
    this.#output += output;
    this.#errors += errors;
    const request = this.#current;
    if (request === undefined) return;
    const last = this.#firstLine + request.lines.length;
    if (!this.#errors.endsWith(`Command failed -:${last}\n`)) return;
    const failures = failuresIn(this.#errors, this.#firstLine, request.lines.length);
    const printed = this.#output.split('\n').slice(0, -1);
    if (request.kind === 'output' && printed.length < request.lines.length - failures.size) return;
    this.#finish(request, { ok: true, output: printed, failures });
  }

  #fail(answer: BatchAnswer): void {
    const child = this.#child;
    this.#child = undefined;
    child?.stdin.destroy();
    child?.kill('SIGKILL');
    const request = this.#current;
    if (request !== undefined) this.#finish(request, answer);
  }

  #finish(request: Request, answer: BatchAnswer): void {
    clearTimeout(this.#timer);
    this.#current = undefined;
    request.answer(answer);
    this.#next();
  }
}

/** What `ip` said of each line that failed, the marker left out. */
export function failuresIn(errors: string, firstLine: number, count: number): ReadonlyMap<number, string> {
  const failures = new Map<number, string>();
  let text = '';
  for (const line of errors.split('\n')) {
    const number = /^Command failed -:(\d+)$/u.exec(line)?.[1];
    if (number === undefined) {
      text += `${text === '' ? '' : ' '}${line}`;
      continue;
    }
    const position = Number(number) - firstLine;
    if (position >= 0 && position < count) failures.set(position, text);
    text = '';
  }
  return failures;
}
