import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { deflateRawSync } from 'node:zlib';
import { blockOf, firstLine } from '../../src/adapters/recorder/recording.format.ts';
import type { RecordingEntry, RecordingHeader } from '../../src/model/recording.ts';

/** A block that holds this text. */
export const blockOfText = (text: string): Buffer => blockOf(deflateRawSync(text));

/** A segment as the recorder writes it, with so many entries in a block. */
export function segmentOf(
  header: RecordingHeader,
  entries: readonly RecordingEntry[],
  entriesInBlock: number = 256,
): Buffer {
  const blocks = [blockOfText(JSON.stringify(header))];
  for (let start = 0; start < entries.length; start += entriesInBlock) {
    const lines = entries.slice(start, start + entriesInBlock).map((entry) => JSON.stringify(entry));
    blocks.push(blockOfText(lines.join('\n')));
  }
  return Buffer.concat([firstLine, ...blocks]);
}

/** Writes a segment to a file, in a directory that is made when it is missing. */
export function writeRecording(
  file: string,
  header: RecordingHeader,
  entries: readonly RecordingEntry[],
  entriesInBlock?: number,
): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, segmentOf(header, entries, entriesInBlock), { mode: 0o600 });
}
