/** Every machine with the worlds it is walked in: a new machine joins here, by one line. */
import { departureSubject } from './departure.subject.ts';
import { hotspotSubject } from './hotspot.subject.ts';
import { interfaceSubject } from './interface.subject.ts';
import { leaseSubject } from './lease.subject.ts';
import { nodeSubject } from './node.subject.ts';
import { selectionSubject } from './selection.subject.ts';
import { tetherSubject } from './tether.subject.ts';
import type { Subject } from './world.ts';

export const subjects: readonly Subject[] = [
  nodeSubject,
  interfaceSubject,
  selectionSubject,
  departureSubject,
  hotspotSubject,
  leaseSubject,
  tetherSubject,
];
