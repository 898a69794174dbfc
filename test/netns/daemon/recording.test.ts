import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readRecording, type RecordedItem } from '../../../src/adapters/recorder/read-recording.ts';
import { Replay, type Outcome } from '../../../src/inspection/replay.ts';
import type { RecordingEntry } from '../../../src/model/recording.ts';
import { isSettled, problemCodes, quick, Site } from './site.ts';

async function read(directory: string): Promise<readonly RecordedItem[]> {
  const items: RecordedItem[] = [];
  for await (const item of readRecording(directory)) items.push(item);
  return items;
}

const entriesOf = (items: readonly RecordedItem[]): readonly RecordingEntry[] =>
  items.flatMap((item) => (item.type === 'entries' ? item.entries : []));

const switchesIn = (entries: readonly RecordingEntry[]): readonly string[] =>
  entries.flatMap((entry) =>
    entry.type === 'told' && entry.emission.type === 'switch'
      ? `${entry.emission.switch.from ?? 'nothing'} → ${entry.emission.switch.to ?? 'nothing'}`
      : [],
  );

const recordingsOf = (site: Site): string => join(site.daemon.socket, '..', 'state', 'recordings');

/** What came of a recording, when it is run through the machines again. */
function replayed(items: readonly RecordedItem[]): readonly Outcome[] {
  const outcomes: Outcome[] = [];
  const replay = new Replay({ mode: 'exact', onOutcome: (outcome) => outcomes.push(outcome) });
  for (const item of items) {
    if (item.type === 'segment') replay.enter(item.header);
    else if (item.type === 'entries') for (const entry of item.entries) replay.feed(entry);
  }
  replay.stop();
  return outcomes;
}

describe.concurrent('the flight recorder', () => {
  test('API-5: a switch and what led to it are on the disk within two seconds, and survive kill -9', async () => {
    await using site = await Site.create();
    await site.start();
    await site.pin('wlan0');
    const began = performance.now();
    const isThere = async () => switchesIn(entriesOf(await read(recordingsOf(site)))).includes('eth0 → wlan0');
    while (!(await isThere()) && performance.now() - began < 2000) await site.daemon.status();
    await site.daemon.kill();
    const items = await read(recordingsOf(site));
    expect(items.filter(({ type }) => type === 'cut' || type === 'skipped')).toEqual([]);
    const entries = entriesOf(items);
    expect(switchesIn(entries)).toContain('eth0 → wlan0');
    const types = entries.flatMap((entry) => (entry.type === 'event' ? entry.event.type : entry.type));
    expect(types.slice(0, types.indexOf('command.pin'))).toEqual(
      expect.arrayContaining(['interface.found', 'network.observed', 'probe.finished']),
    );
    expect(statSync(recordingsOf(site)).mode & 0o777).toBe(0o700);
  });

  test('API-5: a run with a cable pulled comes to the same decisions when its recording is run again, from any segment', async () => {
    await using site = await Site.create();
    // A segment is begun each eighth of it.
    await site.start(`${quick}[recorder]\nmaxAge = "1m"\n`);
    while (!existsSync(recordingsOf(site)) || readdirSync(recordingsOf(site)).length < 2) {
      await site.lab.uplink('eth0').pull();
      await site.untilActive('wlan0');
      await site.lab.uplink('eth0').plug();
      await site.untilActive('eth0');
    }
    expect(await site.daemon.stop()).toBe(0);
    const items = await read(recordingsOf(site));
    const segments = items.flatMap((item, position) => (item.type === 'segment' ? position : []));
    expect(segments.length).toBeGreaterThan(1);
    for (const start of segments) {
      const rest = items.slice(start);
      const recorded = entriesOf(rest).filter(({ type }) => type === 'told' || type === 'wanted');
      expect(replayed(rest)).toEqual(recorded);
    }
    expect(switchesIn(entriesOf(items))).toEqual(expect.arrayContaining(['eth0 → wlan0', 'wlan0 → eth0']));
  });

  test('a full disk is one problem, keeps nothing from working, and is over when there is room', async () => {
    await using site = await Site.create();
    const daemon = await site.prepare(quick);
    const directory = recordingsOf(site);
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', directory]);
    try {
      const filler = join(directory, 'filler');
      writeFileSync(filler, Buffer.alloc(65_536));
      await daemon.start();
      await site.until((status) => problemCodes(status).includes('recording.unwritable'), 'nothing can be recorded');
      await site.until(isSettled, 'every uplink has a verdict');
      await site.pin('wlan0');
      expect(problemCodes(await daemon.status())).toEqual(['recording.unwritable']);
      rmSync(filler);
      await site.pin('eth0');
      await site.until((status) => problemCodes(status).length === 0, 'it is recorded again');
      await site.pin('wlan0');
      expect(await daemon.stop()).toBe(0);
      const items = await read(directory);
      expect(items[0]).toMatchObject({ type: 'segment', header: { checkpoint: { timers: [] } } });
      expect(items[0]?.type === 'segment' && (items[0].header.lost ?? 0) > 0).toBe(true);
      expect(switchesIn(entriesOf(items))).toContain('eth0 → wlan0');
    } finally {
      await daemon.stop();
      execFileSync('umount', [directory]);
    }
  });
});
