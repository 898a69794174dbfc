import type { ShapingReading, ShapingTarget } from '../../effects/ports.ts';
import type { Problem } from '../../model/errors.ts';
import { done, type OperationResult } from '../../model/network.ts';
import type { DesiredSorting, DesiredTree, ObservedRoot, ShapingOperation } from '../../model/shaping.ts';
import { applyRuleset, listTable, type RulesetProblem } from '../netfilter/nft.ts';
import { run, type ProcessResult } from '../process/run.ts';
import { isMadeFrom, sortingRuleset, sortingTable } from './sorting.ruleset.ts';
import {
  defaultMinorOf,
  deletion,
  isPlainName,
  ownerOf,
  parseClasses,
  parseQdiscs,
  treeWords,
  type QueueKind,
  type ShownQdisc,
} from './tc.codec.ts';

/** For one call, in milliseconds. */
const patience = 10_000;

type Failure = Extract<OperationResult, { ok: false }>;
type How = Extract<ShapingOperation, { type: 'qdisc.replace' }>['how'];

/** Shares traffic out by tc and nft. Every link of the namespace is seen; only what bears our handle is touched. */
export const createShapingTarget = (): ShapingTarget => new TcTarget();

class TcTarget implements ShapingTarget {
  /** The best, until the kernel has refused it. */
  #queues: QueueKind = 'fq_codel';
  /** The table as nft listed it after it was last made: someone may have changed it since. */
  #listed: string | null = null;

  async read(sorting: DesiredSorting | null): Promise<ShapingReading> {
    const [shown, table] = await Promise.all([tc(['-j', 'qdisc', 'show']), listTable(sortingTable)]);
    if (!shown.ok) return { ok: false, problem: problemOf(shown) };
    const qdiscs = parseQdiscs(shown.stdout);
    if (qdiscs === undefined) return { ok: false, problem: strangeAnswer };
    const roots = new Map<string, ObservedRoot>();
    for (const root of qdiscs) {
      if (!root.isRoot) continue;
      // One after the other: there are few, and two processors.
      // oxlint-disable-next-line no-await-in-loop
      const observed = await rootOf(root, qdiscs);
      // Null: the link went away while it was looked at.
      if (observed !== null) roots.set(root.interface, observed);
    }
    return { ok: true, observed: { roots, sorting: this.#compare(table, sorting) } };
  }

  #compare(table: string | null, sorting: DesiredSorting | null): 'none' | 'asWanted' | 'other' {
    if (table === null) return 'none';
    if (sorting === null || !isMadeFrom(table, sorting)) return 'other';
    // Of a former run's it is not known how it was listed: it is taken as it is.
    this.#listed ??= table;
    return this.#listed === table ? 'asWanted' : 'other';
  }

  async replaceTree(tree: DesiredTree, how: How): Promise<OperationResult> {
    const { interface: name } = tree;
    if (!isPlainName(name)) return oddName(name);
    const { classes, leaves } = treeWords(tree, this.#queues, how);
    const first = await batch([...classes, ...leaves]);
    if (first.ok) return done;
    if (this.#queues === 'fq_codel' && first.failedAt >= classes.length && isUnknownKind(first.text)) {
      this.#queues = 'bfifo';
      const second = await batch(treeWords(tree, 'bfifo', how).leaves);
      return second.ok ? done : this.#withoutHalf(name, second.result);
    }
    if (first.failedAt < (how === 'rebuild' ? 2 : 1) && how !== 'change') return first.result;
    return this.#withoutHalf(name, first.result);
  }

  /** A tree by half would hold back what it has no class for. */
  async #withoutHalf(name: string, result: Failure): Promise<OperationResult> {
    await batch([deletion(name)]);
    return result;
  }

  async deleteTree(name: string): Promise<OperationResult> {
    if (!isPlainName(name)) return oddName(name);
    const { ok, result } = await batch([deletion(name)]);
    return ok ? done : result;
  }

  async replaceSorting(sorting: DesiredSorting): Promise<OperationResult> {
    const odd = namesIn(sorting).find((name) => !isPlainName(name));
    if (odd !== undefined) return oddName(odd);
    const problem = await applyRuleset(sortingRuleset(sorting));
    if (problem !== null) return failureOf(problem);
    this.#listed = await listTable(sortingTable);
    return done;
  }

  async deleteSorting(): Promise<OperationResult> {
    this.#listed = null;
    const problem = await applyRuleset(`table inet ${sortingTable}\ndelete table inet ${sortingTable}\n`);
    return problem === null ? done : failureOf(problem);
  }
}

async function rootOf(root: ShownQdisc, qdiscs: readonly ShownQdisc[]): Promise<ObservedRoot | null> {
  const owner = ownerOf(root);
  if (owner === 'default') return { owner };
  if (owner === 'foreign') return { owner, kind: root.kind, handle: root.handle };
  const shown = await tc(['class', 'show', 'dev', root.interface]);
  if (!shown.ok) return null;
  const here = qdiscs.filter((one) => one.interface === root.interface);
  return { owner, defaultMinor: defaultMinorOf(root), classes: parseClasses(shown.stdout, here) };
}

const tc = async (args: readonly string[]): Promise<ProcessResult> => run('tc', args, { timeout: patience });

type BatchResult =
  | { readonly ok: true; readonly result: typeof done }
  /** `failedAt`: the position of the first line that failed; those after it were not carried out. */
  | { readonly ok: false; readonly failedAt: number; readonly text: string; readonly result: Failure };

async function batch(lines: readonly string[]): Promise<BatchResult> {
  const answer = await run('tc', ['-batch', '-'], { timeout: patience, input: `${lines.join('\n')}\n` });
  if (answer.ok) return { ok: true, result: done };
  const line = /^Command failed -:(\d+)/mu.exec(answer.stderr)?.[1];
  const failedAt = line === undefined ? -1 : Number(line) - 1;
  const text = answer.stderr
    .replace(/^Command failed.*$/gmu, '')
    .replaceAll(/\s+/gu, ' ')
    .trim();
  const words = lines[failedAt];
  return { ok: false, failedAt, text, result: resultOf(answer, text, words) };
}

function resultOf({ ok, ...answer }: ProcessResult & { ok: false }, text: string, words = ''): Failure {
  const because = text === '' ? '' : `: ${text}`;
  if (ok || answer.code !== 'tool.failed') {
    return {
      ok: false,
      retry: answer.code === 'tool.missing' ? 'permanent' : 'retryable',
      code: answer.code,
      message: answer.message,
    };
  }
  const failed = (retry: Failure['retry'], code: Failure['code'], message: string): Failure => ({
    ok: false,
    retry,
    code,
    message,
  });
  if (/Cannot find device/u.test(text)) return failed('satisfied', 'kernel.vanished', `the link is gone${because}`);
  if (words.startsWith('qdisc delete') && /No such file|Invalid handle|Cannot find/u.test(text)) {
    return failed('satisfied', 'kernel.vanished', `it is gone already${because}`);
  }
  if (words.includes(' htb ') && isUnknownKind(text)) {
    return failed('permanent', 'kernel.featureMissing', `the kernel has no HTB${because}`);
  }
  if (/not permitted/u.test(text)) return failed('permanent', 'privilege.missing', `tc may not change it${because}`);
  return failed('retryable', 'kernel.refused', `tc was refused${because}`);
}

const isUnknownKind = (text: string): boolean => /kind is unknown|Unknown qdisc|No such file or directory/iu.test(text);

const namesIn = ({ hotspot, relay, slowed }: DesiredSorting): readonly string[] => [
  ...(hotspot === null ? [] : [hotspot.interface]),
  ...(relay?.interfaces ?? []),
  ...slowed.map((one) => one.interface),
];

const failureOf = ({ code, message }: RulesetProblem): Failure => ({
  ok: false,
  retry: code === 'tool.missing' ? 'permanent' : 'retryable',
  code,
  message,
});

const oddName = (name: string): Failure => ({
  ok: false,
  retry: 'permanent',
  code: 'kernel.refused',
  message: `${JSON.stringify(name)} has characters that tc and nft take for something else`,
});

const problemOf = (result: ProcessResult): Problem => ({
  code: result.ok ? 'tool.failed' : result.code,
  subject: 'tc',
  message: result.ok ? '' : result.message,
});

const strangeAnswer: Problem = {
  code: 'tool.failed',
  subject: 'tc',
  message: 'tc gave an answer that is not understood',
};
