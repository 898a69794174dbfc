import type { Problem } from '../../model/errors.ts';
import { hotspotPartKey, type HotspotOperation } from '../../model/hotspot-parts.ts';
import type { OperationResult } from '../../model/network.ts';
import type { HotspotJournal, HotspotTarget } from '../ports.ts';

/** Where operations on the hotspot are carried out. */
export interface HotspotPorts {
  readonly target: HotspotTarget;
  readonly journal: HotspotJournal;
}

/** Carries out one operation; null when it went well. What is to be changed is recorded before. Never rejects. */
export async function executeHotspot(
  operation: HotspotOperation,
  { target, journal }: HotspotPorts,
  signal: AbortSignal,
): Promise<Problem | null> {
  const { type, part } = operation;
  const key = hotspotPartKey(part);
  const known = journal.records.find((record) => hotspotPartKey(record.part) === key);
  if (type === 'hotspot.stop') {
    const problem = await target.stop(known ?? { part, before: {} });
    // The record of what could not be taken away stays: `cleanup` and the next run try again.
    return problem ?? problemOf(key, journal.remove(key));
  }
  // What stood before the first start is what has to be put back, however often it is started again.
  const before = known?.before ?? (await target.before(part));
  const recorded = problemOf(key, journal.put({ part, before }));
  if (recorded !== null) return recorded;
  return type === 'hotspot.start' ? target.start(part, signal) : target.change(operation.from, part);
}

const problemOf = (subject: string, result: OperationResult): Problem | null =>
  result.ok || result.retry === 'satisfied' ? null : { code: result.code, subject, message: result.message };
