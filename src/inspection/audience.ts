/** One trace for all who look. */
import type { TraceItem } from '../model/trace.ts';
import { actorsOf, traceOf, type NodeActor, type TraceOptions } from './trace.ts';

export interface AudienceOptions extends TraceOptions {
  /** What a viewer throws, and what goes wrong in the trace itself. */
  readonly onDefect: (error: unknown) => void;
}

/**
 * Lets any number of viewers see the machines; each is told all actors first. The machines are observed while there is
 * at least one, and by one observer only.
 */
export function audienceOf(
  root: NodeActor,
  options: AudienceOptions,
): (onItem: (item: TraceItem) => void) => () => void {
  const viewers = new Set<(item: TraceItem) => void>();
  let endTrace: (() => void) | null = null;
  const tell = (item: TraceItem): void => {
    for (const viewer of viewers) viewer(item);
  };
  const begin = (): void => {
    let hasFailed = false;
    const onDefect = (error: unknown): void => {
      // The trace has ended; whoever comes next has it begun anew.
      hasFailed = true;
      endTrace = null;
      options.onDefect(error);
    };
    const end = traceOf(root, { ...options, onDefect }, tell);
    if (!hasFailed) endTrace = end;
  };
  return (onItem) => {
    const viewer = (item: TraceItem): void => {
      try {
        onItem(item);
      } catch (error) {
        options.onDefect(error);
      }
    };
    viewers.add(viewer);
    if (endTrace === null) begin();
    else viewer(actorsOf(root, options));
    return () => {
      if (!viewers.delete(viewer) || viewers.size > 0) return;
      endTrace?.();
      endTrace = null;
    };
  };
}
