import type { Target } from '../../model/probe.ts';
import type { ProbeOutcome } from '../../streams/ports.ts';
import type { End, UplinkPath, UplinkSockets } from '../sockets/uplink-sockets.ts';

export type TargetOf<Kind extends Target['kind']> = Extract<Target, { kind: Kind }>;

/** Starts one probe, tells its outcome at most once, and returns the way to end it in any state. */
export type Attempt<T extends Target> = (
  sockets: UplinkSockets,
  path: UplinkPath,
  target: T,
  settle: (outcome: ProbeOutcome) => void,
) => End;
