import type { OperationResult } from '../../model/network.ts';
import type { ShapingOperation } from '../../model/shaping.ts';
import type { ShapingJournal, ShapingTarget } from '../ports.ts';

export interface ShapingPorts {
  readonly target: ShapingTarget;
  readonly journal: ShapingJournal;
}

/** Carries out one operation. Never rejects: what goes wrong is in the result. */
export async function executeShaping(
  operation: ShapingOperation,
  { target, journal }: ShapingPorts,
): Promise<OperationResult> {
  switch (operation.type) {
    case 'qdisc.replace':
    case 'sorting.replace': {
      // Recorded before it is changed: after a power cut or a kill in between, the record is all that tells.
      const recorded = journal.record();
      if (!recorded.ok) return recorded;
      return operation.type === 'qdisc.replace'
        ? target.replaceTree(operation.tree, operation.how)
        : target.replaceSorting(operation.sorting);
    }
    case 'qdisc.delete':
      return target.deleteTree(operation.interface);
    case 'sorting.delete':
      return target.deleteSorting();
    default:
      return operation satisfies never;
  }
}
