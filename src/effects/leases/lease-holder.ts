import type { HeldLease, Lease, LeaseIntent } from '../../model/lease.ts';
import { LeaseClient, type LeaseClientOptions } from './lease-client.ts';

export type { LeaseEvent } from './lease-client.ts';
export type LeaseHolderOptions = LeaseClientOptions;

/**
 * Holds the leases that are wanted: one client for each interface, for as long as it is wanted. Several tell the same
 * address, or disagree: that is for others to judge; here each interface stands for itself.
 */
export class LeaseHolder {
  readonly #options: LeaseHolderOptions;
  readonly #clients = new Map<number, LeaseClient>();
  readonly #remembered: Map<number, Lease>;
  readonly #ending = new Set<Promise<void>>();
  #isClosed = false;

  /** `remembered`: what a former run held, with the time that is left of it. */
  constructor(options: LeaseHolderOptions, remembered: readonly HeldLease[] = []) {
    this.#options = options;
    this.#remembered = new Map(remembered.map(({ index, lease }) => [index, lease]));
  }

  /** Takes the newest intents. One that is not among them any more is given up, and its server is told so. */
  want(intents: readonly LeaseIntent[]): void {
    if (this.#isClosed) return;
    const wanted = new Set(intents.map(({ index }) => index));
    for (const [index, client] of this.#clients) {
      if (wanted.has(index)) continue;
      this.#clients.delete(index);
      this.#end(client);
    }
    for (const intent of intents) {
      const client = this.#clients.get(intent.index);
      if (client !== undefined) client.want(intent);
      else this.#clients.set(intent.index, new LeaseClient(intent, this.#recall(intent.index), this.#options));
    }
  }

  /** Gives all leases up. Resolves when no client runs any more. */
  async close(): Promise<void> {
    this.#isClosed = true;
    for (const client of this.#clients.values()) this.#end(client);
    this.#clients.clear();
    await Promise.all(this.#ending);
  }

  #recall(index: number): Lease | null {
    const lease = this.#remembered.get(index) ?? null;
    // Whoever asks for it a second time has given it up meanwhile.
    this.#remembered.delete(index);
    return lease;
  }

  #end(client: LeaseClient): void {
    const end = client.close();
    this.#ending.add(end);
    void end.then(() => this.#ending.delete(end));
  }
}
