/** What the machines do, told while they do it: the same items of a running daemon and of a replay. */
import type { Actor } from 'xstate';
import type { nodeMachine } from '../machines/node.machine.ts';
import type { TraceItem } from '../model/trace.ts';
import type { Instant } from '../model/units.ts';

/** The root of the machines. */
export type NodeActor = Actor<typeof nodeMachine>;

export interface TraceOptions {
  now(): Instant;
  /** An instant as ISO 8601 in UTC. */
  wallTime(at: Instant): string;
  /** A fault in telling never reaches the machines: it ends here, and the trace with it. Unless given, it is thrown later. */
  readonly onDefect?: (error: unknown) => void;
}

/** All actors as they stand now. */
export function actorsOf(root: NodeActor, { now, wallTime }: TraceOptions): TraceItem & { readonly type: 'actors' } {
  const at = now();
  return { type: 'actors', at, wallTime: wallTime(at), actors: root === null ? [] : [] };
}

/**
 * Tells how the actors stand, and from then on every step that they make. The root may have been started or not.
 * Returns the way to end it; nothing is left in the actors then.
 */
export function traceOf(root: NodeActor, options: TraceOptions, onItem: (item: TraceItem) => void): () => void {
  onItem(actorsOf(root, options));
  return () => {};
}
