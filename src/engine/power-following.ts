/** Wires what tells whether the machine runs on its battery. */
import { followPowerEvents } from '../adapters/power/power-events.ts';
import { hasPowerSupplies, readOnBattery } from '../adapters/power/power-supplies.ts';

export interface PowerFollowing {
  /** Looks again, and tells when something is different; the first time, when there is anything to tell. */
  compare(): void;
  close(): void;
}

/** Most nodes have no power supply that says anything: those open no socket, and look each time the kernel is read anew. */
export async function followPower(tell: (onBattery: boolean | null) => void): Promise<PowerFollowing> {
  let known: boolean | null = null;
  const compare = (): void => {
    const now = readOnBattery();
    if (now === known) return;
    known = now;
    tell(now);
  };
  const unfollow = hasPowerSupplies() ? await followPowerEvents(compare) : null;
  return { compare, close: () => unfollow?.() };
}
