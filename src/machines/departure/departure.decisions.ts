/** What is to be done with the flows that still use an uplink that was left. */
import type { StrandedFlows } from '../../model/flows.ts';
import { formatDuration } from '../../model/units.ts';
import type { DepartureContext } from './departure.context.ts';

export const strandedFlows = ({ index, name, family, path, isDead, linger, now }: DepartureContext): StrandedFlows => ({
  index,
  name,
  family,
  path,
  since: now,
  because: isDead
    ? `${name} leads nowhere any more`
    : `${name} costs money, and its flows had ${formatDuration(linger)} to finish`,
});
