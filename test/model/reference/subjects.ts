import { hotspotSubject, lastingHotspotSubject, rotatingHotspotSubject } from './hotspot.subject.ts';
import { interfaceSubject } from './interface.subject.ts';
import { leaseSubject } from './lease.subject.ts';
import { nodeSubject, restartedNodeSubject } from './node.subject.ts';
import { adoptingSelectionSubject, selectionSubject } from './selection.subject.ts';
import { holdTo, type Effort, type Subject } from './subject.ts';
import { tetherSubject, trustedTetherSubject } from './tether.subject.ts';

/**
 * Holds a subject to its reference: as often as the effort says, or with new seeds and
 * longer sequences for so many milliseconds. Tells how
 * many sequences were tried, and throws the story of a disagreement.
 */
const entry = <Command>(subject: Subject<Command>, effort: Effort) => ({
  name: subject.name,
  hold: (duration: number): number => {
    const end = performance.now() + duration;
    let tried = 0;
    do {
      holdTo(subject, duration > 0 ? { ...effort, maxLength: 4 * effort.maxLength } : effort);
      tried += effort.runs;
    } while (performance.now() < end);
    return tried;
  },
});

/** Every machine with a reference, by one line each. */
export const subjects = [
  entry(interfaceSubject, { runs: 50, maxLength: 200 }),
  entry(selectionSubject, { runs: 80, maxLength: 300 }),
  entry(adoptingSelectionSubject, { runs: 50, maxLength: 100 }),
  entry(nodeSubject, { runs: 14, maxLength: 150 }),
  entry(restartedNodeSubject, { runs: 10, maxLength: 100 }),
  entry(hotspotSubject, { runs: 120, maxLength: 120 }),
  entry(rotatingHotspotSubject, { runs: 80, maxLength: 120 }),
  entry(lastingHotspotSubject, { runs: 20, maxLength: 60 }),
  entry(leaseSubject, { runs: 400, maxLength: 100 }),
  entry(tetherSubject, { runs: 300, maxLength: 80 }),
  entry(trustedTetherSubject, { runs: 150, maxLength: 80 }),
] as const;
