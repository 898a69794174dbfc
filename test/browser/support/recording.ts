import type { PageSource } from '../../../src/adapters/viewer/page.ts';
import { ThinnedTrace } from '../../../src/adapters/viewer/thinned-trace.ts';
import type { TraceItem } from '../../../src/model/trace.ts';

/** What a page is opened with to show these items. */
export function recordingOf(items: readonly TraceItem[], limit?: number): PageSource {
  const trace = new ThinnedTrace(limit);
  for (const item of items) trace.add(item);
  return { kind: 'recording', name: 'morning', omitted: trace.omitted, packed: trace.packed() };
}
