import type { Problem } from '../../model/errors.ts';
import { startSupervised, type Supervised, type SupervisedExit } from '../process/supervised.ts';

export interface ServiceOptions {
  readonly program: string;
  readonly args: readonly string[];
  readonly capabilities: readonly string[];
  /** A line that says that it is ready. */
  readonly isReady: (line: string) => boolean;
  /** A line after which it never will be. */
  readonly isHopeless?: (line: string) => boolean;
  readonly onLine: (line: string) => void;
  /** It has ended by itself after it was ready. */
  readonly onEnd: (problem: Problem) => void;
  /** Makes a problem of its end, with its last words. */
  readonly explain: (exit: SupervisedExit) => Problem;
  /** Milliseconds until it must be ready. */
  readonly timeout: number;
  readonly signal: AbortSignal;
}

/** Starts a service and waits until it says that it is ready; why it is not, where it is not: then nothing is left of it. */
export async function startService(options: ServiceOptions): Promise<Supervised | Problem> {
  const { program, args, capabilities, isReady, isHopeless, onLine, onEnd, explain, timeout, signal } = options;
  const outcome = Promise.withResolvers<Problem | null>();
  let phase: 'starting' | 'ready' | 'over' = 'starting';
  const service = startSupervised(program, args, {
    capabilities,
    onLine(line) {
      onLine(line);
      if (phase !== 'starting') return;
      if (isReady(line)) {
        phase = 'ready';
        outcome.resolve(null);
      } else if (isHopeless?.(line) === true) {
        void service.stop();
      }
    },
    onExit(exit) {
      if (phase === 'ready' && !stopping.has(service)) onEnd(explain(exit));
      phase = 'over';
      outcome.resolve(exit.code === 127 ? missing(program) : explain(exit));
    },
  });
  const limit = setTimeout(() => void service.stop(), timeout);
  const abort = (): void => void service.stop();
  signal.addEventListener('abort', abort, { once: true });
  if (signal.aborted) abort();
  const problem = await outcome.promise;
  clearTimeout(limit);
  signal.removeEventListener('abort', abort);
  return problem ?? service;
}

/** Those that are being stopped: their end is no news. */
const stopping = new WeakSet<Supervised>();

/** Ends a service; its end is not told of. */
export async function stopService(service: Supervised | null): Promise<void> {
  if (service === null) return;
  stopping.add(service);
  await service.stop();
}

const packageOf: Readonly<Record<string, string>> = { dnsmasq: 'dnsmasq-base' };

export const missing = (program: string): Problem => ({
  code: 'tool.missing',
  subject: program,
  message: `${program} is not installed`,
  remedy: `install it: apt-get install ${packageOf[program] ?? program}`,
});

/** The last words of a service in one line, without secrets and without what could move a terminal's cursor. */
export function lastWords({ code, signal, lastWords: lines }: SupervisedExit, secrets: readonly string[]): string {
  // One may be the beginning of another.
  const longestFirst = secrets.toSorted((one, other) => other.length - one.length);
  const words = lines
    .slice(-4)
    .map((line) => longestFirst.reduce((text, secret) => text.replaceAll(secret, '[redacted]'), line))
    .join(' / ')
    .replaceAll(/\p{Cc}/gu, ' ');
  const how = signal === null ? `ended with ${code ?? 'no exit code'}` : `was ended by ${signal}`;
  return words === '' ? how : `${how}; its last words: ${words}`;
}
