import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { sourceCommand } from '../lab/daemon.ts';
import type { Family } from '../src/model/family.ts';
import { keepBusy } from '../test/fakes/busy-node.ts';
import { record } from '../test/fakes/recording-file.ts';
import type { Result } from './results.ts';

const day = 86_400_000;

/** Records days of a busy node in simulated time, and has the command replay and compare them. */
export async function replayOf(days: number, families: readonly Family[]): Promise<Result> {
  const contender = `backhauld, ${days === 1 ? 'a day' : `${days} days`}, ${families.length === 1 ? 'IPv4' : 'IPv4 and IPv6'}`;
  const directory = await mkdtemp(join(tmpdir(), 'backhauld-bench-'));
  try {
    const busy = { duration: days * day, families, linkEvents: (200 / 7) * days, loss: 0.001, seed: 1 };
    await record(directory, async (node, onPause) => keepBusy(node, busy, onPause));
    const sizes = await Promise.all(
      (await readdir(directory)).map(async (name) => (await stat(join(directory, name))).size),
    );
    const bytes = sizes.reduce((sum, size) => sum + size, 0);
    const [file = '', ...args] = sourceCommand();
    const began = performance.now();
    const { stdout } = await execa(file, [...args, 'replay', directory, '--compare', '--json']);
    const took = performance.now() - began;
    const summary = JSON.parse(stdout.slice(stdout.lastIndexOf('\n') + 1)) as { events: number; switches: number };
    return {
      cell: 'replay',
      contender,
      note: `${summary.events} events, ${summary.switches} switches, none otherwise`,
      series: [
        { what: 'replayed in', unit: 's', values: [took / 1000] },
        { what: 'size', unit: 'MB', values: [bytes / 1e6] },
        { what: 'real time by', unit: '×', values: [(days * day) / took] },
      ],
    };
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
