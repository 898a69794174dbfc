import { basename } from 'node:path';

import { readRecording, type RecordedItem } from '../../adapters/recorder/read-recording.ts';
import type { PageSource } from '../../adapters/viewer/page.ts';
import { ThinnedTrace } from '../../adapters/viewer/thinned-trace.ts';
import { Replay } from '../../inspection/replay.ts';
import type { Config } from '../../model/config.ts';
import { BackhaulError, type Problem } from '../../model/errors.ts';

/**
 * Replays a recording, and gives what a page needs to show it.
 *
 * @param config another one than the recorded one; null for that
 * @param onProblem gets what could not be read or not be gone on from; the rest is shown
 * @throws BackhaulError when nothing of it can be shown
 */
export async function recordedSource(
  path: string,
  config: Config | null,
  onProblem: (problem: Problem) => void,
): Promise<PageSource> {
  const trace = new ThinnedTrace();
  const problems: Problem[] = [];
  const report = (problem: Problem): void => {
    problems.push(problem);
    onProblem(problem);
  };
  const replay = new Replay({ ...(config !== null && { config }), onTrace: (item) => trace.add(item) });
  for await (const item of readRecording(path)) take(item, replay, report);
  if (replay.failure !== null) {
    report({ code: 'actor.failed', subject: 'node', message: `the state machines failed: ${replay.failure}` });
  }
  replay.stop();
  const [first, ...others] = problems;
  if (trace.length === 0 && first !== undefined) throw new BackhaulError(first, ...others);
  return { kind: 'recording', name: basename(path), omitted: trace.omitted, packed: trace.packed() };
}

function take(item: RecordedItem, replay: Replay, report: (problem: Problem) => void): void {
  switch (item.type) {
    case 'segment':
      try {
        replay.enter(item.header);
      } catch (error) {
        if (!(error instanceof TypeError)) throw error;
        replay.interrupt();
        replay.stop();
        const message = `cannot be gone on from: ${error.message}`;
        report({ code: 'recording.damaged', subject: item.file, message });
      }
      break;
    case 'entries':
      for (const entry of item.entries) replay.feed(entry);
      break;
    case 'skipped': {
      const kinds = [...item.kinds].map(([kind, count]) => `${count} × ${kind}`).join(', ');
      const message = `has entries that this program does not know, and were left out: ${kinds}`;
      report({ code: 'recording.version', subject: item.file, message });
      break;
    }
    case 'cut':
      report(item.problem);
      replay.interrupt();
  }
}
