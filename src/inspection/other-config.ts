import { classify } from '../machines/interface/classification.decisions.ts';
import type { HotspotContext } from '../machines/hotspot/hotspot.context.ts';
import type { InterfaceContext } from '../machines/interface/interface.context.ts';
import type { NodeContext, Uplink } from '../machines/node/node.context.ts';
import type { SelectionContext } from '../machines/selection/selection.context.ts';
import type { Config } from '../model/config.ts';

interface Persisted<Context> {
  readonly context: Context;
  readonly children: Readonly<
    Record<string, { readonly snapshot: Persisted<HotspotContext | InterfaceContext | SelectionContext> }>
  >;
}

/**
 * The machines' state under another configuration from here on. What was measured and decided stays, running delays
 * end when they would have; an interface that was ignored is looked at when something becomes different of it.
 */
export function underConfig(persisted: unknown, config: Config): unknown {
  const node = persisted as Persisted<NodeContext>;
  const uplinks = new Map<number, Uplink>();
  for (const [index, uplink] of node.context.uplinks) {
    uplinks.set(index, { ...uplink, classification: classify(uplink.facts, config) });
  }
  const children = Object.entries(node.children).map(([id, child]) => {
    const { context } = child.snapshot;
    const changed =
      'family' in context
        ? { ...context, config: config.selection }
        : 'waySince' in context
          ? { ...context, config: config.hotspot }
          : {
              ...context,
              config,
              classification: uplinks.get(context.facts.index)?.classification ?? context.classification,
            };
    return [id, { ...child, snapshot: { ...child.snapshot, context: changed } }] as const;
  });
  return { ...node, context: { ...node.context, config, uplinks }, children: Object.fromEntries(children) };
}
