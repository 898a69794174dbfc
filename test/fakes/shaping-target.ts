/** Links whose traffic is shared out in memory, as tc and nft would, and the record beside them. */
import type { ShapingJournal, ShapingReading, ShapingTarget } from '../../src/effects/ports.ts';
import type { Problem } from '../../src/model/errors.ts';
import { done, type OperationResult } from '../../src/model/network.ts';
import {
  asWritten,
  queueLimit,
  rootMinor,
  type DesiredSorting,
  type DesiredTree,
  type ObservedClass,
  type ObservedRoot,
} from '../../src/model/shaping.ts';

export class FakeShapingTarget implements ShapingTarget {
  readonly roots = new Map<string, ObservedRoot>();
  sorting: DesiredSorting | null = null;
  hasHtb = true;
  hasFqCodel = true;
  /** Where set, nothing can be read. */
  unreadable: Problem | null = null;
  /** What changes come to; null: they are made. */
  failure: OperationResult | null = null;
  /** What was asked for, in order. */
  readonly calls: string[] = [];

  constructor(...links: readonly string[]) {
    for (const link of links) this.roots.set(link, { owner: 'default' });
  }

  async read(sorting: DesiredSorting | null): Promise<ShapingReading> {
    this.calls.push('read');
    if (this.unreadable !== null) return Promise.resolve({ ok: false, problem: this.unreadable });
    const isSame = sorting !== null && JSON.stringify(sorting) === JSON.stringify(this.sorting);
    const compared = this.sorting === null ? 'none' : isSame ? 'asWanted' : 'other';
    return Promise.resolve({ ok: true, observed: { roots: new Map(this.roots), sorting: compared } });
  }

  async replaceTree(tree: DesiredTree, how: 'add' | 'change' | 'rebuild'): Promise<OperationResult> {
    const { interface: name, ceiling, classes, defaultMinor } = tree;
    const refused = this.#refusal(`replace ${name} ${how}`);
    if (refused !== null) return refused;
    if (!this.hasHtb) return { ok: false, retry: 'permanent', code: 'kernel.featureMissing', message: 'no HTB' };
    const before = this.roots.get(name);
    if (before === undefined) return { ok: false, retry: 'satisfied', code: 'kernel.vanished', message: 'gone' };
    const isAsPlanned = before.owner === (how === 'add' ? 'default' : 'own');
    if (!isAsPlanned) return { ok: false, retry: 'retryable', code: 'kernel.refused', message: 'Exclusivity flag on' };
    const kept = how === 'change' && before.owner === 'own' ? before : null;
    const made = new Map<number, ObservedClass>(kept?.classes);
    const top = { rate: asWritten(ceiling), ceil: asWritten(ceiling), priority: null, leaf: null };
    made.set(rootMinor, { minor: rootMinor, parentMinor: null, ...top });
    const leaf = this.hasFqCodel ? { kind: 'fq_codel', limit: 10_240 } : { kind: 'bfifo', limit: queueLimit(ceiling) };
    for (const { minor, rate, priority } of classes) {
      const its = { rate: asWritten(rate), ceil: asWritten(ceiling), priority, leaf };
      made.set(minor, { minor, parentMinor: rootMinor, ...its });
    }
    this.roots.set(name, {
      owner: 'own',
      defaultMinor: kept === null ? defaultMinor : kept.defaultMinor,
      classes: made,
    });
    return done;
  }

  async deleteTree(name: string): Promise<OperationResult> {
    const refused = this.#refusal(`delete ${name}`);
    if (refused !== null) return refused;
    if (this.roots.get(name)?.owner !== 'own') {
      return { ok: false, retry: 'retryable', code: 'kernel.refused', message: 'Invalid handle' };
    }
    this.roots.set(name, { owner: 'default' });
    return Promise.resolve(done);
  }

  async replaceSorting(sorting: DesiredSorting): Promise<OperationResult> {
    const refused = this.#refusal('sort');
    if (refused === null) this.sorting = sorting;
    return Promise.resolve(refused ?? done);
  }

  async deleteSorting(): Promise<OperationResult> {
    const refused = this.#refusal('sort no more');
    if (refused === null) this.sorting = null;
    return Promise.resolve(refused ?? done);
  }

  #refusal(call: string): OperationResult | null {
    this.calls.push(call);
    return this.failure;
  }
}

export function memoryShapingJournal(isRecorded = false): ShapingJournal {
  let recorded = isRecorded;
  const save = (shallBe: boolean) => (): OperationResult => {
    recorded = shallBe;
    return done;
  };
  return {
    get isRecorded() {
      return recorded;
    },
    record: save(true),
    forget: save(false),
  };
}
