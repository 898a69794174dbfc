import type { LinkCounters } from '../../model/kernel.ts';
import { decodeFinalCounters, linkIndexOf } from './codec/counters.codec.ts';
import type { NetlinkMessage } from './codec/message.codec.ts';
import { routeTypes } from './codec/route-netlink.codec.ts';

/** Who asks does so in the turn in which it hears of the deletion. */
const most = 64;

/** What links had carried when they were deleted: the kernel says it once, with the news that they are gone. */
export class FinalCounters {
  readonly #counters = new Map<number, LinkCounters>();

  hear({ type, payload }: NetlinkMessage): void {
    if (type !== routeTypes.newLink && type !== routeTypes.deleteLink) return;
    const index = linkIndexOf(payload);
    if (index === null) return;
    this.#counters.delete(index);
    const counters = type === routeTypes.deleteLink ? decodeFinalCounters(payload) : null;
    if (counters === null) return;
    this.#counters.set(index, counters);
    const [oldest] = this.#counters.keys();
    if (this.#counters.size > most && oldest !== undefined) this.#counters.delete(oldest);
  }

  get(linkIndex: number): LinkCounters | null {
    return this.#counters.get(linkIndex) ?? null;
  }
}
