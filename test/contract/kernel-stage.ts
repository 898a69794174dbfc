import { isDeepStrictEqual } from 'node:util';
import assert from 'node:assert/strict';
import { families, type Family } from '../../src/model/family.ts';
import type { Problem } from '../../src/model/errors.ts';
import type { KernelChange, KernelState } from '../../src/model/kernel.ts';
import type { Kernel } from '../../src/adapters/netlink/driver.ts';
import { address, contentOf, type KernelWorld, Witness } from './kernel-world.ts';

export const bothFamilies: readonly Family[] = families;

export const changesOf = <T extends KernelChange['object']>(changes: readonly KernelChange[], object: T) =>
  changes.filter((change): change is Extract<KernelChange, { object: T }> => change.object === object);

/** A world, the kernel under test in it, and who hears it: anew for each test. */
export class Stage {
  readonly #makeWorld: () => Promise<KernelWorld>;
  problems: Problem[] = [];
  defects: unknown[] = [];
  #parts: { readonly world: KernelWorld; readonly kernel: Kernel; readonly witness: Witness } | undefined;

  constructor(makeWorld: () => Promise<KernelWorld>) {
    this.#makeWorld = makeWorld;
  }

  get world(): KernelWorld {
    return this.#required.world;
  }

  get kernel(): Kernel {
    return this.#required.kernel;
  }

  get witness(): Witness {
    return this.#required.witness;
  }

  async open(): Promise<void> {
    this.problems = [];
    this.defects = [];
    const world = await this.#makeWorld();
    const kernel = await world.open({
      onProblem: (problem) => this.problems.push(problem),
      onDefect: (defect) => this.defects.push(defect),
    });
    this.#parts = { world, kernel, witness: new Witness(kernel) };
  }

  /**
   * Whatever the test did: in the end the state is the truth. The kernel makes link-local addresses a while after a link
   * is up; one that comes between the two looks is looked for once more.
   */
  async close(): Promise<void> {
    try {
      for (let looks = 0; looks < 10; looks++) {
        await this.witness.heard();
        const truth = steadyContent(await this.world.truth());
        if (isDeepStrictEqual(steadyContent(this.kernel.state), truth)) return;
      }
      assert.deepEqual(steadyContent(this.kernel.state), steadyContent(await this.world.truth()));
    } finally {
      await this.kernel.close();
      await this.world.close();
      this.#parts = undefined;
    }
  }

  /** A link that is up, with carrier and an address of each family. */
  async uplink(name = 'wan0'): Promise<number> {
    const index = this.world.addLink(name);
    this.world.up(index);
    for (const family of families) this.world.addAddress(index, address(family));
    await this.witness.until(
      ({ links, addresses }) =>
        links.get(index)?.hasCarrier === true &&
        [...addresses.values()].filter((one) => one.linkIndex === index && !one.isTentative).length >= 3,
    );
    await this.witness.heard();
    return index;
  }

  get #required() {
    assert(this.#parts, 'the stage is not open');
    return this.#parts;
  }
}

/**
 * Neighbours change by themselves while one looks; of an address that is still being tested the kernel tells nothing,
 * though a dump shows it.
 */
const steadyContent = (state: KernelState): ReadonlyMap<string, unknown> =>
  new Map(
    [...contentOf(state)].filter(
      ([key, value]) => !key.startsWith('neighbour') && !(value as { isTentative?: boolean }).isTentative,
    ),
  );
