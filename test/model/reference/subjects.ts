import { interfaceSubject } from './interface.subject.ts';
import { nodeSubject, restartedNodeSubject } from './node.subject.ts';
import { adoptingSelectionSubject, selectionSubject } from './selection.subject.ts';
import { holdTo, type Effort, type Subject } from './subject.ts';

/** Holds a subject to its reference: as often as the effort says, or with new seeds for so many milliseconds. */
const entry = <Command>(subject: Subject<Command>, effort: Effort) => ({
  name: subject.name,
  hold(duration: number): void {
    const end = performance.now() + duration;
    do holdTo(subject, effort);
    while (performance.now() < end);
  },
});

/** Every machine with a reference, by one line each. */
export const subjects = [
  entry(interfaceSubject, { runs: 60, maxLength: 200 }),
  entry(selectionSubject, { runs: 100, maxLength: 300 }),
  entry(adoptingSelectionSubject, { runs: 50, maxLength: 100 }),
  entry(nodeSubject, { runs: 20, maxLength: 150 }),
  entry(restartedNodeSubject, { runs: 10, maxLength: 100 }),
] as const;
