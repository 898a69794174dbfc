import { readFileSync } from 'node:fs';
import type { LinkCounters } from '../../../model/kernel.ts';

/** The counters of one link in the text of /proc/net/dev (its names are bytes, one a character); null when it is not there. */
export function countersIn(text: string, name: string): LinkCounters | null {
  for (const line of text.split('\n')) {
    // A name has no colon in it, and is set to the right.
    const colon = line.indexOf(':');
    if (colon === -1 || line.slice(0, colon).trimStart() !== name) continue;
    const numbers = line
      .slice(colon + 1)
      .trim()
      .split(/\s+/u)
      .map(Number);
    const [receivedBytes, receivedPackets, , , , , , , sentBytes, sentPackets] = numbers;
    if (receivedBytes === undefined || receivedPackets === undefined) return null;
    if (sentBytes === undefined || sentPackets === undefined) return null;
    return { receivedPackets, sentPackets, receivedBytes, sentBytes };
  }
  return null;
}

/** Unlike /sys, /proc/thread-self/net always shows the network namespace of the thread that reads it. */
export function readCounters(name: string): LinkCounters | null {
  try {
    return countersIn(readFileSync('/proc/thread-self/net/dev', 'latin1'), name);
  } catch {
    return null;
  }
}
