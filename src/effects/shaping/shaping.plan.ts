import type { Problem } from '../../model/errors.ts';
import {
  asWritten,
  queueLimit,
  rootMinor,
  type DesiredShaping,
  type DesiredTree,
  type ObservedClass,
  type ObservedRoot,
  type ObservedShaping,
  type ShapingOperation,
} from '../../model/shaping.ts';

export interface ShapingCircumstances {
  /** Nothing is taken away yet: a former run left it, and this one does not know its uplinks so far. */
  readonly keep: boolean;
}

export interface ShapingPlan {
  readonly operations: readonly ShapingOperation[];
  readonly problems: readonly Problem[];
}

/**
 * The way from how traffic is shared out to how it shall be. Pure; when all is carried out, the next plan is empty.
 * Packets are sorted before those trees are taken away that they no longer need. A qdisc of someone else's stays.
 */
export function planShaping(
  { trees, sorting }: DesiredShaping,
  observed: ObservedShaping,
  { keep }: ShapingCircumstances,
): ShapingPlan {
  const operations: ShapingOperation[] = [];
  const problems: Problem[] = [];
  for (const tree of trees) {
    const root = observed.roots.get(tree.interface);
    if (root === undefined) continue;
    if (root.owner === 'foreign') {
      problems.push(foreignRoot(tree.interface, root));
      continue;
    }
    const how = root.owner === 'default' ? 'add' : differenceOf(tree, root);
    if (how === null) continue;
    operations.push({
      type: 'qdisc.replace',
      target: describeRoot(tree.interface),
      because: tree.because,
      tree,
      how,
    });
  }
  if (sorting !== null && observed.sorting !== 'asWanted') {
    operations.push({ type: 'sorting.replace', target: sortingTable, because: sorting.because, sorting });
  }
  if (keep) return { operations, problems };
  if (sorting === null && observed.sorting !== 'none') {
    operations.push({ type: 'sorting.delete', target: sortingTable, because: 'no traffic is shared out any more' });
  }
  for (const [name, { owner }] of observed.roots) {
    if (owner !== 'own' || trees.some((tree) => tree.interface === name)) continue;
    const because = `what leaves by ${name} is not shared out any more`;
    operations.push({ type: 'qdisc.delete', target: describeRoot(name), because, interface: name });
  }
  return { operations, problems };
}

const describeRoot = (name: string): string => `qdisc htb 1442: root dev ${name}`;
const sortingTable = 'table inet backhauld_qos';

type OwnRoot = Extract<ObservedRoot, { readonly owner: 'own' }>;

/** Rates and queues can be changed as they stand; which classes there are, and which is the default one, cannot. */
function differenceOf(tree: DesiredTree, root: OwnRoot): 'change' | 'rebuild' | null {
  const top = root.classes.get(rootMinor);
  const isSameShape =
    root.defaultMinor === tree.defaultMinor &&
    root.classes.size === tree.classes.length + 1 &&
    top?.parentMinor === null &&
    tree.classes.every(({ minor }) => root.classes.get(minor)?.parentMinor === rootMinor);
  if (!isSameShape) return 'rebuild';
  const ceiling = asWritten(tree.ceiling);
  const isSame =
    top.rate === ceiling &&
    top.ceil === ceiling &&
    tree.classes.every(({ minor, rate, priority }) => {
      const its = root.classes.get(minor);
      return its?.rate === asWritten(rate) && its.ceil === ceiling && its.priority === priority && hasQueue(its, tree);
    });
  return isSame ? null : 'change';
}

/** fq_codel, or what stands in for it: a former run has asked this kernel already. */
const hasQueue = ({ leaf }: ObservedClass, { ceiling }: DesiredTree): boolean =>
  leaf?.kind === 'fq_codel' || (leaf?.kind === 'bfifo' && leaf.limit === queueLimit(ceiling));

const foreignRoot = (name: string, { kind, handle }: Extract<ObservedRoot, { owner: 'foreign' }>): Problem => ({
  code: 'kernel.conflict',
  subject: `root qdisc of ${name}`,
  message: `someone else has put "${kind} ${handle}" there; it is left alone, and traffic is not shared out on ${name}`,
  remedy: `tc qdisc del dev ${name} root, if nobody needs it`,
});

/** Why nothing is shared out at all. */
export const unavailable = (why: string): Problem => ({
  code: 'qos.unavailable',
  subject: 'sharing out of traffic',
  message: `it cannot be done here (${why}); all traffic flows as it comes`,
  remedy: 'it needs tc of iproute2, and HTB in the kernel (CONFIG_NET_SCH_HTB)',
});
