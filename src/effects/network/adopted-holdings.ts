import type { Holdings, NetworkIntent } from '../../model/network.ts';

/** What a former run has put on links, and is left there for now. */
export interface Adopted {
  /** By `addressRecordKey`. */
  readonly addresses: ReadonlySet<string>;
  /** By ifindex. */
  readonly links: ReadonlySet<number>;
}

export const nothingAdopted: Adopted = { addresses: new Set(), links: new Set() };

/**
 * The addresses that a former run had leases of stay until this one has a lease for their links, so that asking anew does
 * not take the way out meanwhile; and links that it has set up stay so. What was wanted once is an adoption no more.
 */
export class AdoptedHoldings {
  readonly #addresses: Map<string, number>;
  readonly #links: Set<number>;

  constructor({ addresses, links }: Holdings) {
    this.#addresses = new Map([...addresses].map(([key, { linkIndex }]) => [key, linkIndex]));
    this.#links = new Set(links.keys());
  }

  get isEmpty(): boolean {
    return this.#addresses.size === 0 && this.#links.size === 0;
  }

  /** What is wanted now. */
  note({ leases = [], raised = [] }: NetworkIntent): void {
    if (this.isEmpty) return;
    const leased = new Set(leases.map(({ index }) => index));
    for (const [key, linkIndex] of this.#addresses) if (leased.has(linkIndex)) this.#addresses.delete(key);
    for (const linkIndex of [...leased, ...raised]) this.#links.delete(linkIndex);
  }

  /** The time for it is over. */
  clear(): void {
    this.#addresses.clear();
    this.#links.clear();
  }

  all(): Adopted {
    return this.isEmpty ? nothingAdopted : { addresses: new Set(this.#addresses.keys()), links: this.#links };
  }
}

export const isHeldOn = (linkIndex: number, { addresses, links }: Holdings): boolean =>
  links.has(linkIndex) || [...addresses.values()].some((one) => one.linkIndex === linkIndex);
