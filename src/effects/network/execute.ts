import {
  addressRecordKey,
  done,
  settingKey,
  type Operation,
  type OperationResult,
  type SettingRecord,
} from '../../model/network.ts';
import { executeDns, type DnsPorts } from '../dns/dns.execute.ts';
import type { OperationOf } from '../operations.ts';
import type { KernelTarget, LinkJournal, SettingsJournal, SettingsTarget } from '../ports.ts';

/** Where operations are carried out. */
export interface Ports {
  readonly kernel: KernelTarget;
  readonly settings: SettingsTarget;
  readonly journal: SettingsJournal;
  /** Missing where nothing is put on links. */
  readonly links?: LinkJournal;
  /** Missing where no name servers are followed; they have a loop of their own (`DnsFollower`). */
  readonly dns?: DnsPorts;
}

type Executors = {
  readonly [Type in Operation['type']]: (
    operation: OperationOf<Type>,
    ports: Ports,
  ) => OperationResult | Promise<OperationResult>;
};

const executors: Executors = {
  'route.replace': async (operation, { kernel }) => kernel.execute(operation),
  'route.delete': async (operation, { kernel }) => kernel.execute(operation),
  'rule.add': async (operation, { kernel }) => kernel.execute(operation),
  'rule.delete': async (operation, { kernel }) => kernel.execute(operation),
  'neighbour.resolve': async (operation, { kernel }) => kernel.execute(operation),

  // Recorded before it is put there: nothing but the record tells later that it is ours.
  'address.add': async (operation, { kernel, links }) => {
    if (links === undefined) return noJournal;
    const { family, linkIndex, interface: name, address, prefixLength } = operation.address;
    const record = { family, linkIndex, interface: name, address, prefixLength };
    const isNew = !links.addresses.has(addressRecordKey(record));
    const recorded = isNew ? links.putAddress(record) : done;
    if (!recorded.ok) return recorded;
    const result = await kernel.execute(operation);
    // It stood already: someone else was faster, and it is theirs.
    if (!result.ok && result.retry === 'satisfied' && isNew) links.removeAddress(record);
    return result;
  },
  'address.delete': async (operation, { kernel, links }) => {
    if (links === undefined) return noJournal;
    const result = await kernel.execute(operation);
    return result.ok || result.retry === 'satisfied' ? links.removeAddress(operation.address) : result;
  },
  'address.forget': ({ address }, { links }) => links?.removeAddress(address) ?? noJournal,
  'link.set': async (operation, { kernel, links }) => {
    const recorded = links?.putLink(operation.record) ?? noJournal;
    return recorded.ok ? kernel.execute(operation) : recorded;
  },
  'link.restore': async (operation, { kernel, links }) => {
    const result = await kernel.execute({ ...operation, type: 'link.set' });
    const isOver = result.ok || result.retry === 'satisfied';
    return isOver ? (links?.removeLink(operation.record) ?? noJournal) : result;
  },
  'link.forget': ({ record }, { links }) => links?.removeLink(record) ?? noJournal,

  // Recorded before it is changed: after a power cut in between, the record is all that tells.
  'setting.write': ({ setting, before }, { settings, journal }) => {
    const { linkIndex, interface: name, family, key, value } = setting;
    const record: SettingRecord = { linkIndex, interface: name, family, key, before, written: value };
    const recorded = journal.records.has(settingKey(record)) ? done : journal.add(record);
    return recorded.ok ? settings.write(setting, value) : recorded;
  },
  'setting.restore': ({ record }, { kernel, settings, journal }) => {
    // The device may have been renamed since; the setting went with it.
    const link = kernel.state.links.get(record.linkIndex);
    const restored = settings.write({ ...record, interface: link?.name ?? record.interface }, record.before);
    // A device that is there and has no such setting is being renamed: the record is needed for its new name.
    return restored.ok || (restored.retry === 'satisfied' && link === undefined) ? journal.remove(record) : restored;
  },
  'setting.forget': ({ record }, { journal }) => journal.remove(record),

  'dns.set': (operation, { dns }) => (dns === undefined ? notFollowed : executeDns(operation, dns)),
  'dns.restore': (operation, { dns }) => (dns === undefined ? notFollowed : executeDns(operation, dns)),
  'dns.forget': (operation, { dns }) => (dns === undefined ? notFollowed : executeDns(operation, dns)),

  // The hotspot has a loop of its own (`HotspotKeeper`).
  'hotspot.start': () => noHotspot,
  'hotspot.change': () => noHotspot,
  'hotspot.stop': () => noHotspot,

  // So has the sharing out of traffic (`ShapingFollower`).
  'qdisc.replace': () => notShaped,
  'qdisc.delete': () => notShaped,
  'sorting.replace': () => notShaped,
  'sorting.delete': () => notShaped,
};

const noHotspot: OperationResult = {
  ok: false,
  retry: 'permanent',
  code: 'kernel.refused',
  message: 'no hotspot is kept here',
};

const notShaped: OperationResult = {
  ok: false,
  retry: 'permanent',
  code: 'kernel.refused',
  message: 'no traffic is shared out here',
};

const noJournal: OperationResult = {
  ok: false,
  retry: 'permanent',
  code: 'state.unwritable',
  message: 'nothing is put on links here, for nobody would remember it',
};

const notFollowed: OperationResult = {
  ok: false,
  retry: 'permanent',
  code: 'kernel.refused',
  message: 'no name servers are followed here',
};

/** Carries out one operation. Never rejects: what goes wrong is in the result. */
export async function execute<Type extends Operation['type']>(
  operation: OperationOf<Type> & { readonly type: Type },
  ports: Ports,
): Promise<OperationResult> {
  return executors[operation.type](operation, ports);
}
