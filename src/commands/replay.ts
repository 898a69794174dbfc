import { join } from 'node:path';

import { readRecording } from '../adapters/recorder/read-recording.ts';
import { BackhaulError, type ErrorCode } from '../model/errors.ts';
import type { Command } from './command.ts';
import { readConfigFile } from './config-file.ts';
import { exitCodes } from './exit-codes.ts';
import { play, type PlayItem } from './replay/play.ts';
import { paintFor } from './text/printable.ts';
import { renderPlayItem, renderPlaySummary } from './text/replay.text.ts';

export const command: Command = {
  operands: '[FILE]',
  fewestOperands: 0,
  mostOperands: 1,
  flags: {
    compare: 'compare with what was decided then; status 1 if it differs',
    states: 'show changes of state and problems, too',
  },
  about: `Runs a recording through the machines again, and shows each switch with its
reason. FILE is a segment, which is followed by those after it, or a directory
of recordings, of which the latest run is taken (STATE-DIR/recordings when none
is named). Asks no daemon and changes nothing.

With --config: what would have happened under that configuration? The probes
are those that were sent. --compare then lists the switches that differ.
With --json: one line of JSON for each thing shown, the summary last.`,
  run: async ({ operands, flags, configPath, stateDirectory, json, io }) => {
    const config = configPath === null ? null : (await readConfigFile(configPath)).config;
    const paint = paintFor(io);
    const show = (item: PlayItem): void => {
      if (!isShown(item, flags.has('states'))) return;
      io.out(json ? `${JSON.stringify(item)}\n` : `${renderPlayItem(item, paint)}\n`);
    };
    const items = readRecording(operands[0] ?? join(stateDirectory, 'recordings'));
    const options = { config, compares: flags.has('compare'), now: () => performance.now() };
    const summary = await play(items, options, show);
    const [first, ...others] = summary.problems;
    if (first !== undefined && summary.segments === 0) throw new BackhaulError(first, ...others);
    io.out(json ? `${JSON.stringify({ type: 'summary', ...summary })}\n` : `${renderPlaySummary(summary, paint)}\n`);
    const isDamaged = summary.problems.some(({ code }) => !harmless.has(code));
    // Under another configuration a difference is the answer, not a failure.
    const hasFailed = isDamaged || (summary.isAlike === false && config === null);
    return hasFailed ? exitCodes.failure : exitCodes.ok;
  },
};

/** A recording that ends in the middle of a block is what a power cut leaves: all before it is good. */
const harmless: ReadonlySet<ErrorCode> = new Set<ErrorCode>(['recording.cut']);

const isShown = ({ type }: PlayItem, showsStates: boolean): boolean =>
  showsStates || (type !== 'state' && type !== 'problem' && type !== 'problem.solved');
