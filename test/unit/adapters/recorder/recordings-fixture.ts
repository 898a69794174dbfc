import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { readRecording, type RecordedItem } from '../../../../src/adapters/recorder/read-recording.ts';
import { defaultConfig } from '../../../../src/model/config.ts';
import type { RecordingEntry, RecordingHeader } from '../../../../src/model/recording.ts';
import { instant } from '../../../../src/model/units.ts';

export const header: RecordingHeader = {
  program: '0.1.0',
  machines: '1234abcd',
  run: '0a1b2c3d',
  segment: 0,
  config: defaultConfig,
  at: instant(1000.125),
  wallTime: '2026-11-05T10:11:12.123Z',
  checkpoint: null,
};

/** A directory of its own for one test. */
export function scratch(): string {
  const directory = mkdtempSync(join(tmpdir(), 'backhauld-recordings-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

/** Everything that is read from a path. */
export async function read(path: string): Promise<readonly RecordedItem[]> {
  const items: RecordedItem[] = [];
  for await (const item of readRecording(path)) items.push(item);
  return items;
}

export const entriesOf = (items: readonly RecordedItem[]): readonly RecordingEntry[] =>
  items.flatMap((item) => (item.type === 'entries' ? item.entries : []));

export const problemsOf = (items: readonly RecordedItem[]): readonly string[] =>
  items.flatMap((item) => (item.type === 'cut' ? `${item.problem.code} ${item.at}` : []));

/** Entry number `n`: a delay that was over. */
export const timerEntry = (n: number): RecordingEntry => ({ type: 'timer', at: instant(n * 10), timer: n });
