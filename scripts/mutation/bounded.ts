/** Calls something that may never come back, and comes back. */
import { Script } from 'node:vm';

const slot = '__bounded';
const script = new Script(`globalThis.${slot}()`);

export class TookTooLong extends Error {
  override readonly name = 'TookTooLong';
}

/** Waits for `run`, and for the promise it returns. Rejects with `TookTooLong` when it takes longer than this. */
export async function bounded(run: () => unknown, timeoutMs: number): Promise<void> {
  Reflect.set(globalThis, slot, run);
  let result: unknown;
  try {
    // Synchronous code can be stopped from outside only, which is what this does; a loop without an end is no rarity.
    result = script.runInThisContext({ timeout: timeoutMs });
  } catch (error) {
    throw hasTimedOut(error) ? new TookTooLong() : error;
  }
  if (!(result instanceof Promise)) return;
  const late = Promise.withResolvers<void>();
  const timer = setTimeout(() => late.reject(new TookTooLong()), timeoutMs);
  try {
    await Promise.race([result, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

const hasTimedOut = (error: unknown): boolean =>
  typeof error === 'object' && error !== null && 'code' in error && error.code === 'ERR_SCRIPT_EXECUTION_TIMEOUT';
