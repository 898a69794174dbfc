import type { Family } from '../../../model/family.ts';
import type { Rule } from '../../../model/kernel.ts';
import { has, type JsonObject, nameAt, numberAt, textAt } from './ip-json.ts';
import { prefixOf } from './ip-json.codec.ts';

/** What this model names, and what `ip` adds for people. */
const known = new Set([
  'priority',
  'src',
  'srclen',
  'dst',
  'dstlen',
  'fwmark',
  'fwmask',
  'iif',
  'iif_detached',
  'oif',
  'oif_detached',
  'table',
  'suppress_prefixlen',
  'protocol',
  'goto',
  'unresolved',
  'nop',
  'action',
]);
const actions: Readonly<Record<string, string>> = { 6: 'blackhole', 7: 'unreachable', 8: 'prohibit' };

/** The rules of one family, in the order in which the kernel asks them. */
export const rulesFrom = (family: Family, objects: readonly JsonObject[]): readonly Rule[] =>
  objects.map((object) => ruleFrom(family, object)).filter((rule) => rule !== null);

function ruleFrom(family: Family, object: JsonObject): Rule | null {
  const priority = numberAt(object, 'priority');
  if (priority === null) return null;
  const mark = numberAt(object, 'fwmark');
  const action = textAt(object, 'action');
  return {
    family,
    priority,
    action: has(object, 'goto')
      ? 'goto'
      : has(object, 'nop')
        ? 'nop'
        : action === null
          ? 'lookup'
          : (actions[action] ?? (/^\d+$/u.test(action) ? `action ${action}` : action)),
    table: numberAt(object, 'table') ?? 0,
    from: selector(family, object, 'src'),
    to: selector(family, object, 'dst'),
    inputInterface: nameAt(object, 'iif'),
    outputInterface: nameAt(object, 'oif'),
    mark,
    // `ip` leaves a mask of all ones out.
    mask: mark === null ? null : (numberAt(object, 'fwmask') ?? 0xff_ff_ff_ff),
    suppressPrefixLength: numberAt(object, 'suppress_prefixlen'),
    protocol: numberAt(object, 'protocol') ?? 0,
    hasOtherSelectors: Object.keys(object).some((key) => !known.has(key)),
  };
}

function selector(family: Family, object: JsonObject, key: 'src' | 'dst'): string | null {
  const address = textAt(object, key);
  if (address === null || address === 'all') return null;
  const length = numberAt(object, `${key}len`);
  return prefixOf(family, length === null ? address : `${address}/${length}`);
}
