import type { Family } from '../../../model/family.ts';
import type { Link } from '../../../model/kernel.ts';
import type { KernelDump } from '../mirror.ts';
import type { BatchAnswer, IpBatch } from './ip-batch.ts';
import { addressesFrom, linksFrom, neighboursFrom, routesFrom } from './ip-json.codec.ts';
import { type JsonObject, parseJson } from './ip-json.ts';
import { rulesFrom } from './ip-rule.codec.ts';

export type DumpKind = KernelDump['object'];

export const allKinds: readonly DumpKind[] = ['link', 'address', 'route', 'rule', 'neighbour'];

/** `nud all`: without it `ip` leaves out what is failed or needs no resolution. */
const commands: Readonly<Record<DumpKind, string>> = {
  link: 'link show',
  address: 'addr show',
  route: 'route show table all',
  rule: 'rule show',
  neighbour: 'neigh show nud all',
};

export type DumpAnswer =
  | { readonly ok: true; readonly links: readonly Link[]; readonly dumps: readonly KernelDump[] }
  | { readonly ok: false; readonly isMissing: boolean; readonly message: string };

const unreadable = (message: string): DumpAnswer => ({ ok: false, isMissing: false, message });

/** The family is not in this kernel: there is nothing of it. */
const isWithoutFamily = (failure: string): boolean => /not supported/u.test(failure);

/**
 * Dumps objects of one family. Links come with each dump: routes and neighbours are printed with the names of their
 * links, and mean the links of those names at that moment.
 */
export async function dump(family: Family, batch: IpBatch, wanted: ReadonlySet<DumpKind>): Promise<DumpAnswer> {
  const kinds = allKinds.filter((kind) => kind === 'link' || wanted.has(kind));
  const answer = await batch.run(
    kinds.map((kind) => commands[kind]),
    'output',
  );
  return answer.ok ? read(family, kinds, answer) : answer;
}

function read(family: Family, kinds: readonly DumpKind[], answer: Extract<BatchAnswer, { ok: true }>): DumpAnswer {
  const output = [...answer.output];
  const objects = new Map<DumpKind, readonly JsonObject[]>();
  for (const [position, kind] of kinds.entries()) {
    const failure = answer.failures.get(position);
    if (failure !== undefined && !isWithoutFamily(failure)) return unreadable(`\`ip ${commands[kind]}\`: ${failure}`);
    const line = failure === undefined ? (output.shift() ?? '') : '[]';
    const list = parseJson(line);
    if (list === null) return unreadable(`\`ip -json ${commands[kind]}\` printed no JSON: ${line.slice(0, 80)}`);
    objects.set(kind, list);
  }
  const { links, indexes } = linksFrom(objects.get('link') ?? []);
  if (links.length === 0) return unreadable('`ip link show` named no link');
  return {
    ok: true,
    links,
    dumps: kinds.flatMap((object): KernelDump[] => {
      const list = objects.get(object) ?? [];
      switch (object) {
        case 'link':
          return [];
        case 'address':
          return [{ object, family, values: addressesFrom(family, list) }];
        case 'route':
          return [{ object, family, values: routesFrom(family, list, indexes) }];
        case 'rule':
          return [{ object, family, values: rulesFrom(family, list) }];
        case 'neighbour':
          return [{ object, family, values: neighboursFrom(family, list, indexes) }];
        default:
          return object satisfies never;
      }
    }),
  };
}
