/**
 * Loaded into the daemon ahead of everything else (`node --import`): the time of day is the machine's and as many
 * milliseconds as the file BACKHAULD_TEST_CLOCK holds. SIGUSR2 has it read anew. Monotonic clocks are left alone.
 */
import { readFileSync } from 'node:fs';

const file = process.env['BACKHAULD_TEST_CLOCK'] ?? '';
const RealDate = Date;
const realNow = Date.now;
let offset = 0;
const read = (): void => {
  offset = Number(readFileSync(file, 'utf8')) || 0;
};

class SetDate extends RealDate {
  constructor(...args: readonly unknown[]) {
    super(...((args.length === 0 ? [realNow() + offset] : args) as [number]));
  }

  static override now(): number {
    return realNow() + offset;
  }
}

read();
process.on('SIGUSR2', read);
Object.defineProperty(globalThis, 'Date', { value: SetDate, writable: true, configurable: true });
