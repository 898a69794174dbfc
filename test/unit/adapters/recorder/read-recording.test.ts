import { spawnSync } from 'node:child_process';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { firstLine } from '../../../../src/adapters/recorder/recording.format.ts';
import { segmentName } from '../../../../src/adapters/recorder/recordings.ts';
import { blockOfText, segmentOf, writeRecording } from '../../../fakes/write-recording.ts';
import { entriesOf, header, problemsOf, read, scratch, timerEntry } from './recordings-fixture.ts';

const entries = [timerEntry(1), timerEntry(2), timerEntry(3)];
const run = { startedAt: '2026-11-05T10:11:12.123Z', run: header.run };

test('a recording is read as it was written: its header, and the entries of each block', async () => {
  const file = join(scratch(), 'one.recording');
  writeRecording(file, header, entries, 2);
  expect(await read(file)).toEqual([
    { type: 'segment', file, header },
    { type: 'entries', entries: entries.slice(0, 2) },
    { type: 'entries', entries: entries.slice(2) },
  ]);
});

describe('of several segments', () => {
  const write = (directory: string, segment: number, numbers: readonly number[], of = run): string => {
    const file = join(directory, segmentName(of, segment));
    writeRecording(file, { ...header, run: of.run, segment }, numbers.map(timerEntry));
    return file;
  };

  test('those that follow in the run are read after the one that is named, and no others', async () => {
    const directory = scratch();
    write(directory, 0, [1]);
    const second = write(directory, 1, [2]);
    write(directory, 2, [3]);
    write(directory, 3, [9], { ...run, run: 'ffffffff' });
    expect(entriesOf(await read(second))).toEqual([2, 3].map(timerEntry));
  });

  test('a directory is read from the first segment of its latest run', async () => {
    const directory = scratch();
    write(directory, 0, [9], { startedAt: '2026-11-04T10:11:12.123Z', run: 'ffffffff' });
    write(directory, 0, [1]);
    write(directory, 1, [2]);
    writeFileSync(join(directory, 'notes.txt'), 'nothing');
    expect(entriesOf(await read(directory))).toEqual([1, 2].map(timerEntry));
  });

  test('a damaged one ends where the damage is, and the reading goes on with the next', async () => {
    const directory = scratch();
    const bytes = segmentOf(header, [1, 2].map(timerEntry), 1);
    const place = bytes.length - blockOfText(JSON.stringify(timerEntry(2))).length;
    bytes[place + 14] = ~(bytes[place + 14] ?? 0) & 0xff;
    writeFileSync(join(directory, segmentName(run, 0)), bytes);
    write(directory, 1, [3]);
    const items = await read(directory);
    expect(entriesOf(items)).toEqual([1, 3].map(timerEntry));
    expect(problemsOf(items)).toEqual([`recording.damaged ${place}`]);
  });
});

describe('bad input', () => {
  const readBytes = async (bytes: Buffer) => {
    const file = join(scratch(), 'bad.recording');
    writeFileSync(file, bytes);
    return read(file);
  };
  const opening = Buffer.concat([firstLine, blockOfText(JSON.stringify(header))]);

  test('another version is named, and nothing of it is read', async () => {
    const items = await readBytes(Buffer.from('backhauld recording 27\nand then something else'));
    expect(problemsOf(items)).toEqual(['recording.version 0']);
    expect(items).toMatchObject([{ problem: { message: 'has version 27; this program reads version 1' } }]);
  });

  test.each([
    ['an empty file', Buffer.alloc(0), 'recording.cut 0'],
    ['a part of the first line', firstLine.subarray(0, 10), 'recording.cut 0'],
    ['nothing after the first line', firstLine, `recording.cut ${firstLine.length}`],
    ['text', Buffer.from('[routing]\nexecute = true\n'), 'recording.damaged 0'],
    ['zeros', Buffer.alloc(4096), 'recording.damaged 0'],
    [
      'a first block that is no header',
      Buffer.concat([firstLine, blockOfText('{}')]),
      `recording.damaged ${firstLine.length}`,
    ],
    [
      'a block that is no list of entries',
      Buffer.concat([opening, blockOfText('{')]),
      `recording.damaged ${opening.length}`,
    ],
    [
      'an entry without its time',
      Buffer.concat([opening, blockOfText('{"type":"timer","timer":1}')]),
      `recording.damaged ${opening.length}`,
    ],
    [
      'zeros where the data of the last block should be, as a power cut leaves them',
      Buffer.concat([opening, Buffer.alloc(5000)]),
      `recording.cut ${opening.length}`,
    ],
  ])('%s is a problem with its place', async (_, bytes, problem) => {
    expect(problemsOf(await readBytes(bytes))).toEqual([problem]);
  });

  test('what cannot be opened is unreadable: a missing file, a pipe, an empty directory', async () => {
    const directory = scratch();
    spawnSync('mkfifo', [join(directory, 'pipe')]);
    for (const path of [join(directory, 'missing'), join(directory, 'pipe'), directory]) {
      expect(problemsOf(await read(path))).toEqual(['recording.unreadable 0']);
    }
  });

  test.skipIf(process.getuid?.() === 0)('a file that may not be read is unreadable', async () => {
    const file = join(scratch(), 'secret.recording');
    writeRecording(file, header, entries);
    chmodSync(file, 0);
    expect(problemsOf(await read(file))).toEqual(['recording.unreadable 0']);
  });

  test('entries and events of unknown kinds are left out and counted, the others are read', async () => {
    const imagined = { type: 'event', event: { type: 'probe.imagined', at: 1 } };
    const lines = [timerEntry(1), { type: 'dream' }, imagined, imagined, { type: 'told', emission: { type: 'x' } }];
    const text = [...lines, timerEntry(2)].map((line) => JSON.stringify(line)).join('\n');
    const items = await readBytes(Buffer.concat([opening, blockOfText(text)]));
    expect(entriesOf(items)).toEqual([timerEntry(1), timerEntry(2)]);
    expect(problemsOf(items)).toEqual([]);
    expect(items.at(-1)).toMatchObject({
      type: 'skipped',
      kinds: new Map([
        ['dream', 1],
        ['event probe.imagined', 2],
        ['told x', 1],
      ]),
    });
  });
});
