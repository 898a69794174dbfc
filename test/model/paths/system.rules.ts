/** What must hold of a whole node and of its actors, and when two nodes are alike. */
import { hotspotActor } from '../../../src/machines/hotspot/hotspot.decisions.ts';
import { leaseActor } from '../../../src/machines/lease/lease.decisions.ts';
import { interfaceActor, selectionActor } from '../../../src/machines/node/node.decisions.ts';
import { tetherActor } from '../../../src/machines/tether/tether.decisions.ts';
import { withheldBecause } from '../../../src/machines/node/withheld.decisions.ts';
import { families } from '../../../src/model/family.ts';
import { departureSubject } from './departure.subject.ts';
import { hotspotSubject } from './hotspot.subject.ts';
import { interfaceSubject } from './interface.subject.ts';
import { leaseSubject } from './lease.subject.ts';
import { nodeSubject } from './node.subject.ts';
import { broken } from './rules.ts';
import { selectionSubject } from './selection.subject.ts';
import type { NodeSnapshot, System } from './system.ts';
import { tetherSubject } from './tether.subject.ts';

/** Nodes with the same key are one to the search. */
export function keyOf({ snapshot }: System): string {
  const { context, value, children } = snapshot;
  const states = Object.entries(children).map(([id, child]) => `${id} ${JSON.stringify(child?.getSnapshot().value)}`);
  const standing = [...context.views.values()].map(({ name, candidacy, contenders }) =>
    [name, candidacy.because, contenders.ipv4.verdict].join(),
  );
  const active = families.map((family) => context.selected[family]?.active?.name);
  const failures = [...context.failures].map(([id, { count }]) => `${id} ${Math.min(2, count)}`);
  const lists = [states, standing, failures].map((list) => list.toSorted());
  // An actor that failed has left what it said last.
  const left = context.actors.has(hotspotActor) ? null : context.hotspot?.view?.state;
  const spot = [context.hotspot?.told, context.hotspot?.view?.clients, context.hotspot?.radio === undefined, left];
  return JSON.stringify([
    spot,
    value,
    lists,
    active,
    context.pinned,
    context.blamed.length,
    [...context.ignored.keys()],
    [...context.leases.values()].map(({ phase, lease: held }) => [phase, held !== null]),
    [...context.tethers.values()].map(({ state }) => state),
    [...context.budgets.values()],
  ]);
}

/** What is wrong with the node as a whole, and with each of its actors. */
export function violations(system: System): readonly string[] {
  const { context } = system.snapshot;
  const single = system.sights.flatMap(({ id, sight }) =>
    subjectOf(id)
      .violations(sight)
      .map((rule) => `${id}: ${rule}`),
  );
  const { children } = system.snapshot;
  const selections = families.flatMap((family) => {
    const known = children[selectionActor(family)]?.getSnapshot().context;
    return known !== undefined && 'contenders' in known ? [{ family, selection: known }] : [];
  });
  return [
    ...single,
    ...broken({
      'the root knows what each interface says of itself': [...context.uplinks.keys()].every((index) => {
        const own = children[interfaceActor(index)]?.getSnapshot().context;
        return own === undefined || !('view' in own) || own.view === context.views.get(index);
      }),
      'each family chooses among the uplinks there are': selections.every(
        ({ family, selection: { contenders } }) =>
          contenders.size === context.views.size &&
          [...context.views].every(([index, view]) => contenders.get(index) === view.contenders[family]),
      ),
      'the root knows what each family chose': selections.every(
        ({ family, selection: { active, ranking } }) =>
          context.selected[family]?.active === active && context.selected[family]?.ranking === ranking,
      ),
      'each family knows what is pinned': selections.every(({ selection }) => selection.pinned === context.pinned),
      'what is wanted is what was chosen': families.every((family) => {
        const { ipv4, ipv6 } = context.selected;
        const chosen = context.selected[family]?.ranking;
        return ipv4 === null || ipv6 === null || context.intent.network.ranking[family] === chosen;
      }),
      'flows are ended only by an uplink that is dead, while another is reachable': context.intent.stranded.every(
        ({ index, family }) => {
          const { active = null } = context.selected[family] ?? {};
          const left = context.views.get(index)?.contenders[family];
          return active?.index !== index && (left === undefined || !left.isUsable || left.verdict === 'failed');
        },
      ),
      'an interface knows its lease, and why it is kept back': [...context.uplinks.keys()].every((index) => {
        const own = children[interfaceActor(index)]?.getSnapshot().context;
        if (own === undefined || !('withheld' in own)) return true;
        const { lease: held = null } = context.leases.get(index) ?? {};
        return own.lease === held && own.withheld === withheldBecause(context, index);
      }),
      'an interface knows how much of its budget is used': [...context.uplinks.keys()].every((index) => {
        const own = children[interfaceActor(index)]?.getSnapshot().context;
        return own === undefined || !('budget' in own) || own.budget === (context.budgets.get(index) ?? 'below');
      }),
      'the root knows what each lease and each phone says of itself': [...context.uplinks.keys()].every((index) => {
        const told = [
          { id: leaseActor(index), view: context.leases.get(index) },
          { id: tetherActor(index), view: context.tethers.get(index) },
        ];
        return told.every(({ id, view }) => {
          const own = children[id]?.getSnapshot().context;
          return own === undefined || !('view' in own) || own.view === view;
        });
      }),
      'the root knows what the hotspot says of itself': isHotspotKnown(system.snapshot),
      'an access point is wanted only while it starts or is active':
        (context.intent.hotspot === null) === !['starting', 'active'].includes(context.hotspot?.view?.state ?? ''),
      'only the active uplink is probed as such': context.intent.probes.every(
        ({ index, family, role }) => (role === 'active') === (context.selected[family]?.active?.index === index),
      ),
    }),
  ];
}

function isHotspotKnown({ context, children }: NodeSnapshot): boolean {
  const own = children[hotspotActor]?.getSnapshot().context;
  if (own === undefined || !('waySince' in own)) return true;
  const { told, view, mode } = context.hotspot ?? {};
  return (
    own.view === view && own.wayOut === told?.wayOut && own.isRadioUplink === told.isRadioUplink && own.mode === mode
  );
}

function subjectOf(id: string) {
  if (id === 'node') return nodeSubject;
  if (id.startsWith('departure ')) return departureSubject;
  if (id === hotspotActor) return hotspotSubject;
  if (id.startsWith('lease ')) return leaseSubject;
  if (id.startsWith('tether ')) return tetherSubject;
  return id.startsWith('interface ') ? interfaceSubject : selectionSubject;
}
