import type { NetworkIntent } from '../model/network.ts';
import { chartOf } from './chart.ts';
import { machines } from './machines.ts';

/**
 * Fifty-three bits that stand for a text: alike for the same text, different for nearly every other. It finds
 * differences, it keeps nobody out.
 */
export function digestOf(text: string): string {
  let high = 0xdeadbeef;
  let low = 0x41c6ce57;
  for (let position = 0; position < text.length; position++) {
    const unit = text.charCodeAt(position);
    high = Math.imul(high ^ unit, 2654435761);
    low = Math.imul(low ^ unit, 1597334677);
  }
  high = Math.imul(high ^ (high >>> 16), 2246822507) ^ Math.imul(low ^ (low >>> 13), 3266489909);
  low = Math.imul(low ^ (low >>> 16), 2246822507) ^ Math.imul(high ^ (high >>> 13), 3266489909);
  return (4294967296 * (2097151 & low) + (high >>> 0)).toString(16).padStart(14, '0');
}

/** What stands in a recording for the network that was wanted. */
export const networkDigest = (network: NetworkIntent): string => digestOf(JSON.stringify(network));

/** Digest of the statecharts of all machines. What their guards and actions do is no part of it. */
export const machinesDigest = (): string => digestOf(JSON.stringify(Object.values(machines).map(chartOf)));
