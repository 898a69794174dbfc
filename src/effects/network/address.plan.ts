import type { KernelState } from '../../model/kernel.ts';
import { addressRecordKey, type DesiredAddress, type Holdings, type Operation } from '../../model/network.ts';
import type { Circumstances } from './circumstances.ts';
import { addAddress, deleteAddress, forgetAddress, operationKey } from '../operations.ts';

export interface AddressPlan {
  readonly adds: readonly Operation[];
  /** What is done when everything else stands: an address goes last. */
  readonly deletes: readonly Operation[];
  readonly blocked: readonly Operation[];
}

export const nothingToDo: AddressPlan = { adds: [], deletes: [], blocked: [] };

/**
 * Puts the addresses of leases on their links, and takes away those that backhauld has put there and nobody wants any
 * more. What others have put there is left, and is as good when it is the very address that is wanted.
 *
 * A lease that changes: the new address comes first, and the old one goes when the uplink's path leads by the new one.
 */
export function planAddresses(
  wanted: readonly DesiredAddress[],
  holdings: Holdings | undefined,
  { links, addresses }: Pick<KernelState, 'links' | 'addresses'>,
  circumstances: Pick<Circumstances, 'blocked' | 'adopted'>,
): AddressPlan {
  if (holdings === undefined || (wanted.length === 0 && holdings.addresses.size === 0)) return nothingToDo;
  const adds: Operation[] = [];
  const deletes: Operation[] = [];
  const blocked: Operation[] = [];
  const put = (operation: Operation, list: Operation[]): void => {
    (circumstances.blocked.has(operationKey(operation)) ? blocked : list).push(operation);
  };
  const stands = (address: Parameters<typeof addressRecordKey>[0]): boolean => addresses.has(addressRecordKey(address));
  const byLink = new Map(wanted.map((address) => [address.linkIndex, address]));

  for (const address of wanted) {
    if (links.has(address.linkIndex) && !stands(address)) put(addAddress(address), adds);
  }
  for (const record of holdings.addresses.values()) {
    const successor = byLink.get(record.linkIndex);
    const isWanted = successor !== undefined && addressRecordKey(successor) === addressRecordKey(record);
    if (isWanted || circumstances.adopted.addresses.has(addressRecordKey(record))) continue;
    if (!stands(record)) put(forgetAddress(record), deletes);
    else if (successor === undefined)
      put(deleteAddress(record, `there is no lease of ${record.address} any more`), deletes);
    else if (stands(successor) && successor.isTakenUp) {
      put(deleteAddress(record, `${successor.address} has taken its place`), deletes);
    }
  }
  return { adds, deletes, blocked };
}
