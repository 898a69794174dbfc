import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { deflateRawSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { blockOf, firstLine } from '../../../src/adapters/recorder/recording.format.ts';
import { runCommandLine } from '../../../src/commands/command-line.ts';
import { renderSpan } from '../../../src/commands/text/replay.text.ts';
import { machinesDigest } from '../../../src/inspection/digest.ts';
import type { RecordingHeader } from '../../../src/model/recording.ts';
import { milliseconds } from '../../../src/model/units.ts';
import { keepBusy } from '../../fakes/busy-node.ts';
import { RecordedNode } from '../../fakes/recorded-node.ts';
import { record } from '../../fakes/recording-file.ts';
import { temporaryFolder } from '../adapters/control/control-fixture.ts';

async function replay(...args: readonly string[]) {
  let out = '';
  let err = '';
  const io = { out: (text: string) => (out += text), err: (text: string) => (err += text), hasColors: false };
  const code = await runCommandLine(['replay', ...args], io);
  return { code, out, err };
}

const linesOf = ({ out }: { readonly out: string }): readonly Record<string, unknown>[] =>
  out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);

const busy = { duration: 1_800_000, families: ['ipv4'], linkEvents: 40, loss: 0.002, seed: 7 } as const;

/** Half an hour of three uplinks, in four segments. */
async function halfAnHour(directory = temporaryFolder()): Promise<string> {
  await record(directory, async (node, onPause) => keepBusy(node, busy, onPause), { segmentEntries: 300 });
  return directory;
}

const segmentsIn = (directory: string): readonly string[] =>
  readdirSync(directory)
    .toSorted()
    .map((name) => join(directory, name));

/** A recording of one's own: a header, and the texts of its blocks. */
function recordingOf(blocks: Iterable<string>, changes: Partial<RecordingHeader> = {}): string {
  const header = { ...new RecordedNode().header(), ...changes };
  const texts = [JSON.stringify(header), ...blocks];
  const file = join(temporaryFolder(), 'one.recording');
  writeFileSync(file, Buffer.concat([firstLine, ...texts.map((text) => blockOf(deflateRawSync(text)))]));
  return file;
}

describe('a recording in several segments', () => {
  let directory: string;
  let summary: string;
  beforeAll(async () => {
    directory = await halfAnHour(mkdtempSync(join(tmpdir(), 'backhauld-replay-')));
    summary = (await replay(directory, '--compare')).out;
  });
  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  test('API-5: is replayed to the same decisions, and its switches are shown with rule and reason', () => {
    expect(segmentsIn(directory).length).toBeGreaterThan(2);
    expect(summary).toMatch(/^run 0badcafe of backhauld 0\.0\.0, from segment 0: every timer fires where it fired$/mu);
    expect(summary).toMatch(/^2026-01-01T00:\d\d:\d\d\.\d{3}Z {2}IPv4 {2}nothing → eth0 {2}\w+: .+$/mu);
    expect(summary).toMatch(/^\d+ min \d+ s in \d+ segments: \d+ events, \d+ timers, \d+ switches$/mu);
    expect(summary).toMatch(/^replayed in .+ s: \d[\d ]+ × real time$/mu);
    expect(summary).toMatch(/^no difference: \d+ switches as recorded$/mu);
    expect(summary).not.toContain('probing');
  });

  test('is followed from any segment on, with what is left of it', async () => {
    const [, second = ''] = segmentsIn(directory);
    const { code, out } = await replay(second, '--compare');
    expect(out).toMatch(/from segment 1: every timer/u);
    expect(out).toMatch(/no difference/u);
    expect(code).toBe(0);
  });

  test('is looked for in the state directory when nothing is named', async () => {
    const { code, err } = await replay('--state-dir', directory);
    expect(err).toMatch(/recordings: cannot be read.*\[recording\.unreadable\]$/mu);
    expect(code).toBe(1);
  });

  test('shows states and problems when they are asked for', async () => {
    expect((await replay(directory, '--states')).out).toMatch(/ {2}eth0 {2}probing → up$/mu);
  });

  test('is one line of JSON for each thing, and the summary', async () => {
    const lines = linesOf(await replay(directory, '--json', '--compare', '--states'));
    expect(lines[0]).toMatchObject({ type: 'run', mode: 'exact' });
    expect(lines.find(({ type }) => type === 'switch')).toMatchObject({ switch: { family: 'ipv4', from: null } });
    expect(lines.at(-1)).toMatchObject({
      type: 'summary',
      isAlike: true,
      problems: [],
      segments: segmentsIn(directory).length,
    });
  });

  test('under another configuration: the switches that would have been other ones are listed, and that is no failure', async () => {
    const config = join(temporaryFolder(), 'other.toml');
    writeFileSync(config, '[lifecycle]\nprobingToUp = "60s"\n\n[selection]\nswitchAfter = "60s"\n');
    const { code, out } = await replay(directory, '--compare', '--config', config);
    expect(out).toMatch(/from segment 0: timers fire when they are due$/mu);
    expect(out).toMatch(/^2026-.+ {2}(?:\d+ min \d+ s|\d+\.\d s) later {2}IPv4 {2}\w+ → \w+ /mu);
    expect(out).toMatch(/^it differs: \d+ switches as recorded$/mu);
    expect(code).toBe(0);
  });

  test('goes on behind a segment that is missing', async () => {
    const [first = '', second = '', ...others] = segmentsIn(directory);
    const copy = temporaryFolder();
    for (const file of [first, ...others])
      writeFileSync(join(copy, file.slice(directory.length + 1)), readFileSync(file));
    const { code, out } = await replay(copy, '--compare');
    expect(out).toMatch(/from segment 0:.*(?:.|\n)*from segment 2:/u);
    expect([code, second.length > 0, /no difference/u.test(out)]).toEqual([0, true, true]);
  });

  test('that was decided in another way shows the first difference, with its entry, and fails', async () => {
    const [first = ''] = segmentsIn(directory);
    const node = new RecordedNode();
    await keepBusy(node, { ...busy, duration: 600_000 });
    const at = node.entries.findIndex(({ type }) => type === 'wanted');
    const entries = node.entries.with(at, { type: 'wanted', at: node.clock.now, digest: 'another' });
    const { code, out } = await replay(
      recordingOf([entries.map((entry) => JSON.stringify(entry)).join('\n')]),
      '--compare',
    );
    expect(out).toMatch(
      /the first difference, after entry \d+, network\.observed\n {4}recorded {2}another network is wanted \(another\)\n {4}replayed {2}another network is wanted \([0-9a-f]{14}\)$/mu,
    );
    expect(out.match(/the first difference/gu)).toHaveLength(1);
    expect([code, first.length > 0]).toEqual([1, true]);
  });
});

describe('a recording that is not as it should be', () => {
  test('of another version is refused by its code', async () => {
    const file = join(temporaryFolder(), 'a.recording');
    writeFileSync(file, 'backhauld recording 2\nwhatever');
    const { code, out, err } = await replay(file);
    expect([code, out]).toEqual([1, '']);
    expect(err).toMatch(/has version 2; this program reads version 1; .*\[recording\.version\]$/mu);
    expect(JSON.parse((await replay(file, '--json')).out)).toMatchObject({ error: { code: 'recording.version' } });
  });

  test('that is cut in the middle is replayed up to there, and that is no failure: a power cut does that', async () => {
    const directory = await halfAnHour();
    const [file = ''] = segmentsIn(directory).slice(-1);
    writeFileSync(file, readFileSync(file).subarray(0, -7));
    const { code, out } = await replay(directory, '--compare');
    expect(out).toMatch(/ends in the middle of a block, at byte \d+ \[recording\.cut\]$/mu);
    expect(out).toMatch(/^no difference/mu);
    expect(code).toBe(0);
  });

  test('with a bit flipped is replayed up to there and from the next segment on, and fails', async () => {
    const directory = await halfAnHour();
    const [, file = ''] = segmentsIn(directory);
    const bytes = readFileSync(file);
    const place = bytes.length - 100;
    bytes.writeUInt8(bytes.readUInt8(place) ^ 4, place);
    writeFileSync(file, bytes);
    const { code, out } = await replay(directory, '--compare');
    expect(out).toMatch(/is damaged at byte \d+.*\[recording\.damaged\]$/mu);
    expect(out).toMatch(/from segment 2: every timer/u);
    expect(out).toMatch(/^no difference/mu);
    expect(code).toBe(1);
  });

  test('with entries of unknown kinds is replayed without them, says so, and fails', async () => {
    const node = new RecordedNode();
    await keepBusy(node, { ...busy, duration: 60_000 });
    const entries = [...node.entries, { type: 'dreamt' }, { type: 'event', event: { type: 'moon.full', at: 1 } }];
    const { code, out } = await replay(recordingOf([entries.map((entry) => JSON.stringify(entry)).join('\n')]));
    expect(out).toMatch(/left out: 1 × dreamt, 1 × event moon\.full \[recording\.version\]$/mu);
    expect(code).toBe(1);
  });

  test.each([
    ['a checkpoint that is none', { snapshot: 'nothing', timers: [], lastTimer: 0 }],
    [
      'a checkpoint of other machines',
      { snapshot: { root: ['object', 0], objects: [{ record: [] }] }, timers: [], lastTimer: 0 },
    ],
  ])('with %s is no exception, and fails', async (_, checkpoint) => {
    const { code, out, err } = await replay(recordingOf([], { checkpoint }));
    expect([code, err]).toEqual([1, '']);
    expect(out).toMatch(/cannot be gone on from: .*\[recording\.damaged\]$/mu);
  });

  test('with events that make the machines fail ends with what failed', async () => {
    const event = JSON.stringify({ type: 'event', event: { type: 'interface.found', at: 1, facts: null } });
    const { code, out } = await replay(recordingOf([event]));
    expect(out).toMatch(/the state machines failed: .*\[actor\.failed\]$/mu);
    expect(code).toBe(1);
  });

  test('of other machines is replayed by time', async () => {
    const { code, out } = await replay(recordingOf([], { machines: `not ${machinesDigest()}` }), '--compare');
    expect([code, /timers fire when they are due/u.test(out)]).toEqual([0, true]);
  });

  test('API-5: that is larger than memory is replayed all the same', async () => {
    const padding = 'x'.repeat(4096);
    const line = JSON.stringify({ type: 'event', event: { type: 'command.unpin', at: 1, padding } });
    const block = Array.from({ length: 16 }, () => line).join('\n');
    // 48 MB of text for a heap of 32 MB.
    const file = recordingOf(Array.from({ length: 750 }, () => block));
    const cli = new URL('../../../src/commands/cli.ts', import.meta.url).pathname;
    const args = ['--max-old-space-size=32', cli, 'replay', file, '--json'];
    const { stdout } = await promisify(execFile)(process.execPath, args);
    expect(JSON.parse(stdout.trim().split('\n').at(-1) ?? '')).toMatchObject({ type: 'summary', events: 12_000 });
  }, 20_000);
});

test.each([
  [999, '1.0 s'],
  [65_000, '1 min 5 s'],
  [3_660_000, '1 h 1 min'],
  [612_000_000, '7 d 2 h'],
])('%i ms are shown as %s', (span, shown) => {
  expect(renderSpan(milliseconds(span))).toBe(shown);
});
