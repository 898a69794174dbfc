import { openSync, writeSync } from 'node:fs';

const results = openSync('/dev/virtio-ports/lab.results', 'w');
const report = (result: object): void => void writeSync(results, `${JSON.stringify(result)}\n`);

export interface TestOptions {
  /** 60 s where nothing is said. */
  readonly timeoutMs?: number;
  /** A sentence that says why it is not run; null: it is. */
  readonly skip?: string | null;
}

/** Runs one test and reports it; the next one is run whatever becomes of it. A number it resolves with is told, too. */
export type Test = (title: string, body: () => Promise<unknown>, options?: TestOptions) => Promise<void>;

/**
 * A suite, run from top to bottom: what is not within a `test` prepares the next one, and ends the suite when it fails.
 */
export async function suite(body: (test: Test) => Promise<void>): Promise<never> {
  const test: Test = async (title, run, { timeoutMs = 60_000, skip = null } = {}) => {
    if (skip !== null) {
      report({ type: 'test', status: 'skipped', title, ms: 0, detail: skip });
      return;
    }
    console.log(`── ${new Date().toISOString().slice(11, 23)} ${title}`);
    const began = performance.now();
    const end = (status: 'passed' | 'failed', detail: string | null): void => {
      report({ type: 'test', status, title, ms: Math.round(performance.now() - began), detail });
      if (status === 'failed') console.log(`failed: ${detail}`);
    };
    try {
      const told = await withinTime(run(), timeoutMs);
      end('passed', typeof told === 'string' ? told : null);
    } catch (error) {
      end('failed', textOf(error));
    }
  };
  try {
    await body(test);
  } catch (error) {
    report({ type: 'test', status: 'failed', title: 'what the tests stand on', ms: 0, detail: textOf(error) });
  }
  process.exit(0);
}

const textOf = (error: unknown): string => (error instanceof Error ? (error.stack ?? error.message) : String(error));

async function withinTime<Value>(promise: Promise<Value>, timeoutMs: number): Promise<Value> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not done within ${timeoutMs / 1000} s`)), timeoutMs);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Asks again and again, for what tells of itself no other way. Resolves with the milliseconds it took. */
export async function until(
  condition: () => Promise<boolean> | boolean,
  what: string,
  { timeoutMs = 10_000, pauseMs = 50 }: { readonly timeoutMs?: number; readonly pauseMs?: number } = {},
): Promise<number> {
  const began = performance.now();
  for (;;) {
    if (await condition()) return Math.round(performance.now() - began);
    if (performance.now() - began > timeoutMs) throw new Error(`${what}: not within ${timeoutMs / 1000} s`);
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
}
