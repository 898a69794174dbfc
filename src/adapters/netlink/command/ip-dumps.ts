import type { Family } from '../../../model/family.ts';
import type { Link } from '../../../model/kernel.ts';
import type { KernelDump } from '../mirror.ts';
import type { BatchAnswer, IpBatch } from './ip-batch.ts';
import { addressesFrom, type LinkNames, linksFrom, neighboursFrom, routesFrom } from './ip-json.codec.ts';
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

/** How often a dump is begun anew when links were renamed under its hands. */
const attempts = 4;

/**
 * Dumps objects of one family. Links come with each dump: routes and neighbours are printed with the names of their
 * links, by which their indexes are found.
 *
 * `ip` remembers the name of an index from when it first saw it, for as long as it runs. So a renamed link ends the
 * process, and the dump is begun anew in another one, whose memory is as young as the dump.
 */
export class Dumper {
  readonly #family: Family;
  readonly #batch: IpBatch;
  /** What this process may remember, by index. */
  readonly #remembered = new Map<number, string>();
  #generation = 0;

  constructor(family: Family, batch: IpBatch) {
    this.#family = family;
    this.#batch = batch;
  }

  async dump(wanted: ReadonlySet<DumpKind>): Promise<DumpAnswer> {
    const kinds = allKinds.filter((kind) => kind === 'link' || wanted.has(kind));
    const commandsOfKinds = kinds.map((kind) => commands[kind]);
    for (let attempt = 0; attempt < attempts; attempt += 1) {
      const answer = await this.#batch.run(commandsOfKinds, 'output');
      if (!answer.ok) return answer;
      const result = this.#read(kinds, answer);
      if (result !== 'outdated') return result;
      this.#batch.renew();
    }
    return unreadable('links are renamed faster than they can be read');
  }

  async close(): Promise<void> {
    return this.#batch.close();
  }

  #read(kinds: readonly DumpKind[], answer: Extract<BatchAnswer, { ok: true }>): DumpAnswer | 'outdated' {
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
    const { links, names } = linksFrom(objects.get('link') ?? []);
    if (links.length === 0) return unreadable('`ip link show` named no link');
    const dumps = kinds.flatMap((kind) => dumpsOf(this.#family, kind, objects.get(kind) ?? [], names));
    return this.#areNamesCurrent(links) && !names.isIncomplete ? { ok: true, links, dumps } : 'outdated';
  }

  #areNamesCurrent(links: readonly Link[]): boolean {
    if (this.#generation !== this.#batch.generation) this.#remembered.clear();
    this.#generation = this.#batch.generation;
    for (const { index, name } of links) {
      if ((this.#remembered.get(index) ?? name) !== name) return false;
      this.#remembered.set(index, name);
    }
    return true;
  }
}

function dumpsOf(
  family: Family,
  object: DumpKind,
  list: readonly JsonObject[],
  names: LinkNames,
): readonly KernelDump[] {
  switch (object) {
    case 'link':
      return [];
    case 'address':
      return [{ object, family, values: addressesFrom(family, list) }];
    case 'route':
      return [{ object, family, values: routesFrom(family, list, names) }];
    case 'rule':
      return [{ object, family, values: rulesFrom(family, list) }];
    case 'neighbour':
      return [{ object, family, values: neighboursFrom(family, list, names) }];
    default:
      return object satisfies never;
  }
}
