import { type Rule, ruleKey } from '../../../src/model/kernel.ts';
import type { KernelMessage } from '../../../src/adapters/netlink/mirror.ts';
import type { Errno } from './errno.ts';
import { standardRules } from './initial-content.ts';

/** The rules of both families, with the rules by which the kernel adds and deletes them (net/core/fib_rules.c). */
export class FakeRules {
  readonly #tell: (message: KernelMessage) => void;
  #rules = standardRules;

  constructor(tell: (message: KernelMessage) => void) {
    this.#tell = tell;
  }

  /** In the order in which they are asked: by priority, a new one behind those of its own. */
  get all(): readonly Rule[] {
    return this.#rules;
  }

  add(rule: Rule): Errno | null {
    if (this.#rules.some((other) => ruleKey(other) === ruleKey(rule))) return 'EEXIST';
    this.#rules = [...this.#rules, rule].toSorted((a, b) => a.priority - b.priority);
    this.#tell({ type: 'new', object: 'rule', value: rule });
    return null;
  }

  /** rule_find: the first that has all that is said, whatever it has besides and whoever installed it. */
  remove(rule: Rule): Errno | null {
    const found = this.#rules.find((other) => hasAllOf(other, rule));
    if (found === undefined) return 'ENOENT';
    this.#rules = this.#rules.filter((other) => other !== found);
    this.#tell({ type: 'delete', object: 'rule', value: found });
    return null;
  }
}

const hasAllOf = (other: Rule, named: Rule): boolean =>
  (['family', 'priority', 'action', 'table'] as const).every((key) => other[key] === named[key]) &&
  (['from', 'to', 'inputInterface', 'outputInterface', 'mark', 'mask', 'suppressPrefixLength'] as const).every(
    (key) => named[key] === null || other[key] === named[key],
  );
