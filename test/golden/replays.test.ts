import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

import { readRecording } from '../../src/adapters/recorder/read-recording.ts';
import { play, type PlayItem, type PlayOptions, type PlaySummary } from '../../src/commands/replay/play.ts';
import { renderPlayItem } from '../../src/commands/text/replay.text.ts';
import { plain } from '../../src/commands/text/printable.ts';
import { machinesDigest } from '../../src/inspection/digest.ts';

/** Of the real daemon in the virtual node; test/golden/record.ts makes them. */
const folder = new URL('recordings/', import.meta.url);
const names = readdirSync(folder).map((file) => file.replace(/\.recording$/u, ''));

interface Played {
  readonly items: readonly PlayItem[];
  readonly summary: PlaySummary;
}

async function playedOf(name: string, options: Partial<PlayOptions> = {}): Promise<Played> {
  const items: PlayItem[] = [];
  const recording = readRecording(fileURLToPath(new URL(`${name}.recording`, folder)));
  const always = { config: null, compares: true, now: () => 0 };
  const summary = await play(recording, { ...always, ...options }, (item) => void items.push(item));
  return { items, summary };
}

test.each(names)('%s: the machines of today, timers as they are due, come to the recorded switches', async (name) => {
  const { items, summary } = await playedOf(name, { mode: 'byTime' });
  expect(items.filter(({ type }) => type === 'switchDifference')).toEqual([]);
  expect(summary).toMatchObject({ isAlike: true, problems: [] });
  expect(summary.alikeSwitches).toBe(summary.switches);
});

test.each(names)(
  '%s: where the statecharts are the recorded ones, they come to the very same, as is expected',
  async (name) => {
    const played = await playedOf(name);
    const { items, summary } = played;
    expect(items.filter(({ type }) => type === 'difference' || type === 'switchDifference')).toEqual([]);
    expect(summary).toMatchObject({ isAlike: true, problems: [] });
    const [first] = items;
    const isOfToday = first?.type === 'run' && first.header.machines === machinesDigest();
    expect(first).toMatchObject({ type: 'run', mode: isOfToday ? 'exact' : 'byTime' });
    if (!isOfToday) return;
    const shown = items.filter(({ type }) => type !== 'run').map((item) => renderPlayItem(item, plain));
    await expect(`${shown.join('\n')}\n`).toMatchFileSnapshot(`expected/replay-${name}.txt`);
  },
);
