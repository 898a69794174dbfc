import { families, perFamily, type Family } from '../../model/family.ts';
import type { Holdings, NetworkIntent } from '../../model/network.ts';
import { seconds } from '../../model/units.ts';
import { adoptionGrace } from '../loop.ts';
import { AdoptedHoldings } from './adopted-holdings.ts';
import type { Circumstances } from './circumstances.ts';

/** How long the addresses of a former run's leases stay where this one gets none: servers take their time. */
const holdingsGrace = seconds(60);

/** What a former run has left in the kernel, and how long it is kept. What is kept no more is kept never again. */
export class Leftovers {
  readonly #holdings: AdoptedHoldings;
  readonly #keepUntil: Record<Family, number>;
  readonly #holdingsUntil: number;

  /** `routed`: the families of which it has left the ranking. */
  constructor(routed: ReadonlySet<Family>, holdings: Holdings, now: number) {
    this.#holdings = new AdoptedHoldings(holdings);
    this.#keepUntil = perFamily((family) => (routed.has(family) ? now + adoptionGrace : 0));
    this.#holdingsUntil = now + holdingsGrace;
  }

  /** What is still kept of it, when this is wanted now. */
  kept(intent: NetworkIntent, now: number): Pick<Circumstances, 'keep' | 'adopted'> {
    const isKept = (family: Family): boolean => intent.ranking[family].length === 0 && now < this.#keepUntil[family];
    for (const family of families) if (!isKept(family)) this.#keepUntil[family] = 0;
    this.#holdings.note(intent);
    if (now >= this.#holdingsUntil) this.#holdings.clear();
    return { keep: perFamily(isKept), adopted: this.#holdings.all() };
  }

  /** Keeps nothing any more. */
  forget(): void {
    for (const family of families) this.#keepUntil[family] = 0;
    this.#holdings.clear();
  }

  /** When more of it is kept no more. */
  due(): readonly (number | null)[] {
    return [...families.map((family) => this.#keepUntil[family]), this.#holdings.isEmpty ? null : this.#holdingsUntil];
  }
}
