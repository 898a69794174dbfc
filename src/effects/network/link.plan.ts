import type { Link } from '../../model/kernel.ts';
import type { DesiredLink, Holdings, LinkRecord, ObservedNetwork, Operation } from '../../model/network.ts';
import type { Circumstances } from './circumstances.ts';
import { forgetLink, operationKey, restoreLink, setLink } from '../operations.ts';

export interface LinkPlan {
  readonly sets: readonly Operation[];
  readonly restores: readonly Operation[];
  readonly blocked: readonly Operation[];
}

const nothing: LinkPlan = { sets: [], restores: [], blocked: [] };

/** Sets links up and their MTU, and gives back what is not needed any more. What others change meanwhile is left to them. */
export function planLinks(
  wanted: readonly DesiredLink[],
  holdings: Holdings | undefined,
  { links, addresses }: Pick<ObservedNetwork['kernel'], 'links' | 'addresses'>,
  circumstances: Pick<Circumstances, 'blocked' | 'adopted'>,
): LinkPlan {
  if (holdings === undefined || (wanted.length === 0 && holdings.links.size === 0)) return nothing;
  const sets: Operation[] = [];
  const restores: Operation[] = [];
  const blocked: Operation[] = [];
  const put = (operation: Operation, list: Operation[]): void => {
    (circumstances.blocked.has(operationKey(operation)) ? blocked : list).push(operation);
  };
  for (const desired of wanted) {
    const link = links.get(desired.linkIndex);
    const record = holdings.links.get(desired.linkIndex);
    const operation = link === undefined ? null : setOperation(desired, link, record);
    if (operation !== null) put(operation, sets);
  }
  const needed = new Set(wanted.map(({ linkIndex }) => linkIndex));
  for (const record of holdings.links.values()) {
    if (needed.has(record.linkIndex) || circumstances.adopted.links.has(record.linkIndex)) continue;
    const link = links.get(record.linkIndex);
    if (link === undefined) {
      put(forgetLink(record, 'the interface is gone'), restores);
      continue;
    }
    const isOurs = (one: { readonly linkIndex: number; readonly address: string; readonly prefixLength: number }) =>
      holdings.addresses.has(`${one.linkIndex} ${one.address}/${one.prefixLength}`);
    const hasOtherAddress = [...addresses.values()].some(
      (one) => one.linkIndex === link.index && one.family === 'ipv4' && !isOurs(one),
    );
    // Someone who has made it a port of a bridge has it carry what backhauld does not see.
    const isUsedByOthers = hasOtherAddress || link.masterIndex !== null;
    put(restoration(record, link, isUsedByOthers), restores);
  }
  return { sets, restores, blocked };
}

/** Null when all is as it is wanted, or as others want it. */
function setOperation(desired: DesiredLink, link: Link, record: LinkRecord | undefined): Operation | null {
  // Set up once: whoever takes it down after that means it.
  const isToRaise = desired.isRaised && !link.isUp && record?.wasRaised !== true;
  const mtu = newMtu(desired, link, record);
  if (!isToRaise && mtu === null) return null;
  return setLink(
    { linkIndex: link.index, isUp: isToRaise ? true : null, mtu },
    {
      linkIndex: link.index,
      interface: link.name,
      wasRaised: isToRaise || record?.wasRaised === true,
      mtu: mtu === null ? (record?.mtu ?? null) : { before: record?.mtu?.before ?? link.mtu, written: mtu },
    },
    desired.because,
  );
}

/** The MTU to be set; null for none. */
function newMtu({ mtu }: DesiredLink, link: Link, record: LinkRecord | undefined): number | null {
  const recorded = record?.mtu ?? null;
  const isTheirs = recorded !== null && link.mtu !== recorded.written && link.mtu !== recorded.before;
  if (isTheirs) return null;
  const before = recorded?.before ?? link.mtu;
  const wanted = mtu === null ? before : Math.min(mtu, before);
  return wanted === link.mtu ? null : wanted;
}

function restoration(record: LinkRecord, link: Link, isUsedByOthers: boolean): Operation {
  const isLowered = record.mtu !== null && link.mtu === record.mtu.written && link.mtu !== record.mtu.before;
  const isToLower = record.wasRaised && link.isUp && !isUsedByOthers;
  const change = { linkIndex: link.index, isUp: isToLower ? false : null, mtu: isLowered ? record.mtu.before : null };
  if (change.isUp === null && change.mtu === null)
    return forgetLink(record, 'it is as it was, or others have changed it');
  return restoreLink(change, record);
}
