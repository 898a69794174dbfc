import { SegmentFiles } from '../../src/adapters/recorder/segment-files.ts';
import { checkpointOf } from '../../src/inspection/checkpoint.ts';
import type { RecordingEntry } from '../../src/model/recording.ts';
import { hours, megabytes } from '../../src/model/units.ts';
import { RecordedNode, type RecordedNodeOptions } from './recorded-node.ts';

/** As much text as the recorder puts into one block. */
const blockLength = 65_536;

/**
 * Lets a node live, and writes its recording into a directory as the recorder does: blocks of 64 KiB, and a segment with
 * a checkpoint for each sixteenth of 50 MB, or where `segmentEntries` have been written.
 */
export async function record(
  directory: string,
  live: (node: RecordedNode, onPause: () => Promise<void>) => Promise<void>,
  {
    segmentEntries = Number.POSITIVE_INFINITY,
    ...options
  }: RecordedNodeOptions & { readonly segmentEntries?: number } = {},
): Promise<RecordedNode> {
  const limits = { maxSize: megabytes(50), maxAge: hours(24 * 30) };
  const files = new SegmentFiles(directory, limits, { startedAt: '2026-01-01T00:00:00.000Z', run: '0badcafe' });
  let lines: string[] = [];
  let length = 0;
  let written = 0;
  const append = async (): Promise<void> => {
    if (lines.length > 0) await files.append(lines.join('\n'));
    lines = [];
    length = 0;
  };
  const onEntry = (entry: RecordingEntry): void => {
    const line = JSON.stringify(entry);
    lines.push(line);
    length += line.length + 1;
    written += 1;
  };
  const node = new RecordedNode({ ...options, onEntry });
  await files.start(JSON.stringify(node.header(null, files.next)));
  await live(node, async () => {
    if (length >= blockLength || written >= segmentEntries) await append();
    if (!files.isFull && written < segmentEntries) return;
    written = 0;
    await files.start(JSON.stringify(node.header(checkpointOf(node.actor, node.clock), files.next)));
  });
  await append();
  await files.close();
  return node;
}
