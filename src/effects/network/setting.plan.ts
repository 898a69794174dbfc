import type { Problem } from '../../model/errors.ts';
import type { KernelState } from '../../model/kernel.ts';
import {
  settingKey,
  type DesiredSetting,
  type ObservedNetwork,
  type Operation,
  type Setting,
  type SettingRecord,
} from '../../model/network.ts';
import type { Circumstances } from './circumstances.ts';
import { describeSetting, forgetSetting, operationKey, restoreSetting, writeSetting } from '../operations.ts';

export interface SettingPlan {
  readonly writes: readonly Operation[];
  readonly restores: readonly Operation[];
  readonly blocked: readonly Operation[];
  readonly problems: readonly Problem[];
}

/** The setting that holds for every interface, beside its own; the kernel takes the greater of the two. */
export const forAllInterfaces = ({ family, key }: Pick<Setting, 'family' | 'key'>): Setting => ({
  linkIndex: 0,
  interface: 'all',
  family,
  key,
});

/** The interface's own forwarding decides what its accept_ra does. */
export const forwardingOf = (setting: Setting): Setting => ({ ...setting, key: 'forwarding' });

/** The plan for values that were read once, with what else it was made from: they are seldom read anew. */
const made = new WeakMap<
  ObservedNetwork['settings'],
  { readonly from: readonly unknown[]; readonly plan: SettingPlan }
>();

/** Writes what is needed and not so yet, and gives back what is not needed any more. Values of others are left. */
export function planSettings(
  wanted: readonly DesiredSetting[],
  observed: ObservedNetwork,
  circumstances: Circumstances,
): SettingPlan {
  const { blocked, keep, written } = circumstances;
  const from = [wanted, observed.records, observed.records.size, keep.ipv4, keep.ipv6, written.size];
  const known = made.get(observed.settings);
  if (blocked.size === 0 && known?.from.every((part, at) => part === from[at]) === true) return known.plan;
  const plan = makePlan(wanted, observed, circumstances);
  if (blocked.size === 0) made.set(observed.settings, { from, plan });
  return plan;
}

function makePlan(
  wanted: readonly DesiredSetting[],
  observed: ObservedNetwork,
  circumstances: Circumstances,
): SettingPlan {
  const writes: Operation[] = [];
  const restores: Operation[] = [];
  const blocked: Operation[] = [];
  const problems: Problem[] = [];
  const put = (operation: Operation, list: Operation[]): void => {
    (circumstances.blocked.has(operationKey(operation)) ? blocked : list).push(operation);
  };
  const renamed = renamedRecords(observed);

  const needed = new Set<SettingRecord>();
  for (const setting of wanted) {
    const key = settingKey(setting);
    const current = observed.settings.get(key);
    if (current === undefined) continue;
    const record = observed.records.get(key) ?? renamed.get(key);
    if (record === undefined) {
      if (!isGoodEnough(setting, current, observed.settings)) put(writeSetting(setting, current), writes);
      continue;
    }
    needed.add(record);
    if (current === record.written) continue;
    // As it was before: either the write was cut short, or, when this run has written it, someone has undone it.
    const isTheirs = current !== record.before || circumstances.written.has(key);
    if (isTheirs) problems.push(changedByOthers(setting, current));
    else put(writeSetting(setting, record.before), writes);
  }

  for (const record of observed.records.values()) {
    if (needed.has(record)) continue;
    const link = observed.kernel.links.get(record.linkIndex);
    if (link === undefined) {
      put(forgetSetting(record, 'the interface is gone, and its settings with it'), restores);
      continue;
    }
    const current = observed.settings.get(settingKey({ ...record, interface: link.name }));
    // It is being renamed, and the new name was not told yet: its settings go with it.
    if (current === undefined) continue;
    // Its name lasted a moment: there is a record under the name it has, and that is the one to go by.
    if (link.name !== record.interface && isRecordedAs(link.name, record, observed)) {
      put(forgetSetting(record, `the interface is called ${link.name}`), restores);
    } else if (current !== record.written) put(forgetSetting(record, 'someone else has changed it since'), restores);
    else if (!circumstances.keep[record.family]) put(restoreSetting(record), restores);
  }
  return { writes, restores, blocked, problems };
}

const isRecordedAs = (name: string, record: SettingRecord, { records }: ObservedNetwork): boolean =>
  records.has(settingKey({ ...record, interface: name }));

/** Records of devices that have another name by now, by the key their settings have under it. */
function renamedRecords({ records, kernel }: ObservedNetwork): ReadonlyMap<string, SettingRecord> {
  const renamed = new Map<string, SettingRecord>();
  for (const record of records.values()) {
    const name = kernel.links.get(record.linkIndex)?.name;
    if (name !== undefined && name !== record.interface)
      renamed.set(settingKey({ ...record, interface: name }), record);
  }
  return renamed;
}

/** Whether what is there does the service: then it is left as it is, and not recorded. */
function isGoodEnough(setting: DesiredSetting, current: string, settings: ReadonlyMap<string, string>): boolean {
  const effective = Math.max(Number(current), Number(settings.get(settingKey(forAllInterfaces(setting))) ?? 0));
  switch (setting.key) {
    // 0 is off, 2 is loose; 1 is strict.
    case 'rp_filter':
      return effective !== 1;
    case 'arp_ignore':
    case 'promote_secondaries':
      return effective >= 1;
    case 'arp_announce':
      return effective >= 2;
    // 0 is the owner's choice. With 1 a node that forwards takes no advertisements: only then 2 is needed.
    case 'accept_ra':
      return current !== '1' || (settings.get(settingKey(forwardingOf(setting))) ?? '0') === '0';
    case 'ignore_routes_with_linkdown':
    case 'forwarding':
      return current === setting.value;
    default:
      return setting.key satisfies never;
  }
}

const changedByOthers = (setting: DesiredSetting, current: string): Problem => ({
  code: 'kernel.conflict',
  subject: describeSetting(setting),
  message: `Someone else has set it to ${current} after backhauld had set it to ${setting.value}; it is left so`,
  remedy: 'see to it that only one program sets it',
});

/** Which settings must be read to plan: those wanted and recorded, and what these depend on. */
export function settingsToRead(
  wanted: readonly DesiredSetting[],
  records: Iterable<SettingRecord>,
  links: KernelState['links'],
): readonly Setting[] {
  const settings = new Map<string, Setting>();
  const add = (setting: Setting): void => void settings.set(settingKey(setting), setting);
  for (const setting of wanted) {
    add(setting);
    if (setting.key === 'accept_ra') add(forwardingOf(setting));
    else if (setting.family === 'ipv4') add(forAllInterfaces(setting));
  }
  for (const record of records) add({ ...record, interface: links.get(record.linkIndex)?.name ?? record.interface });
  return [...settings.values()];
}
