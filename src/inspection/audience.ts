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
  const onDefect = (error: unknown): void => {
    // The trace has ended; whoever comes next has it begun anew.
    endTrace = null;
    options.onDefect(error);
  };
  const tell = (item: TraceItem): void => {
    for (const viewer of viewers) viewer(item);
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
    if (endTrace === null) endTrace = traceOf(root, { ...options, onDefect }, tell);
    else viewer(actorsOf(root, options));
    return () => {
      if (!viewers.delete(viewer) || viewers.size > 0) return;
      endTrace?.();
      endTrace = null;
    };
  };
}
