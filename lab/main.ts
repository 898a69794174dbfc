/**
 * `npm start`: a virtual node with three providers, the real daemon inside, and somebody who pulls cables: by keys in a
 * terminal, or by a script (`--once`, and wherever there is no terminal).
 */
import { parseArgs } from 'node:util';
import { wantsColour } from '../src/commands/watch/screen.ts';
import { playLive } from './live.ts';
import { foreignInterfaces, runInSandbox } from './sandbox.ts';
import { playTour } from './tour.ts';

const usage = `usage: npm start [-- --once [--keep DIR]]

  (in a terminal)  the live view; keys pull cables and do worse
  --once           one tour in plain lines; exits 0 when every step did what it should
  --keep DIR       copy the daemon's recordings of the tour to DIR, for "backhauld replay DIR"`;

function readOptions(): { readonly once: boolean; readonly keep: string | null; readonly help: boolean } {
  const options = {
    once: { type: 'boolean' },
    keep: { type: 'string' },
    help: { type: 'boolean', short: 'h' },
  } as const;
  try {
    const { values } = parseArgs({ options });
    return { once: values.once === true, keep: values.keep ?? null, help: values.help === true };
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n${usage}`);
    return process.exit(2);
  }
}

const { once, keep, help } = readOptions();
if (help) {
  console.log(usage);
  process.exit(0);
}
const hasTerminal = process.stdin.isTTY && process.stdout.isTTY;
if ((await foreignInterfaces()).length > 0) process.exit(await runInSandbox());

// Whatever is running then dies with the sandbox.
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.once(signal, () => process.exit(130));

if (hasTerminal && !once) {
  await playLive();
  process.exit(0);
}
if (!once)
  console.log(
    'No terminal here: playing one tour. The live view needs a terminal; --once says that a tour is meant.\n',
  );
const isGood = await playTour({
  hasColour: wantsColour(process.stdout.isTTY, process.env),
  write: (line) => console.log(line),
  keep,
});
process.exit(isGood ? 0 : 1);
