/** What the tests of the effects share: a kernel with uplinks in it, settings and a journal in memory. */
import { defaultConfig, type RoutingConfig } from '../../../src/model/config.ts';
import type { Family } from '../../../src/model/family.ts';
import type { Route, Rule } from '../../../src/model/kernel.ts';
import {
  done,
  ownProtocol,
  addressRecordKey,
  settingKey,
  type AddressRecord,
  type LinkRecord,
  type NetworkIntent,
  type Operation,
  type SettingRecord,
  type UplinkIntent,
} from '../../../src/model/network.ts';
import type { LinkJournal, SettingsJournal, SettingsTarget } from '../../../src/effects/ports.ts';
import { noCircumstances, type Circumstances } from '../../../src/effects/network/circumstances.ts';
import { desiredNetwork } from '../../../src/effects/network/desired-network.ts';
import { execute } from '../../../src/effects/network/execute.ts';
import { observeRouting } from '../../../src/effects/network/observe.ts';
import { planNetwork, type Plan } from '../../../src/effects/network/plan.ts';
import { settingsToRead } from '../../../src/effects/network/setting.plan.ts';
import { assignTables, noTables, type Tables } from '../../../src/effects/network/tables.ts';
import { FakeKernel } from '../../fakes/kernel/fake-kernel.ts';

export const routing: RoutingConfig = defaultConfig.routing;

/** Settings that live in the fake kernel's links; those for all interfaces beside them. */
export function fakeSettings(kernel: FakeKernel): SettingsTarget & { readonly all: Map<string, string> } {
  const all = new Map<string, string>();
  return {
    all,
    read: (setting) =>
      setting.interface === 'all' ? (all.get(`${setting.family} ${setting.key}`) ?? '0') : kernel.setting(setting),
    write: (setting, value) => {
      if (kernel.setting(setting) === null) {
        return { ok: false, retry: 'satisfied', code: 'kernel.vanished', message: 'no such interface' };
      }
      kernel.setSetting(setting, value);
      return done;
    },
  };
}

export function memoryJournal(...initial: readonly SettingRecord[]): SettingsJournal {
  const records = new Map(initial.map((record) => [settingKey(record), record]));
  return {
    records,
    add: (record) => {
      records.set(settingKey(record), record);
      return done;
    },
    remove: (record) => {
      records.delete(settingKey(record));
      return done;
    },
  };
}

export function memoryLinkJournal(): LinkJournal {
  const addresses = new Map<string, AddressRecord>();
  const links = new Map<number, LinkRecord>();
  return {
    addresses,
    links,
    putAddress: (record) => {
      addresses.set(addressRecordKey(record), record);
      return done;
    },
    removeAddress: (record) => {
      addresses.delete(addressRecordKey(record));
      return done;
    },
    putLink: (record) => {
      links.set(record.linkIndex, record);
      return done;
    },
    removeLink: ({ linkIndex }) => {
      links.delete(linkIndex);
      return done;
    },
  };
}

/** All rules that there really are. */
export const rulesOf = (kernel: FakeKernel): readonly Rule[] => [...kernel.truth().rules.values()];

/** An uplink as a test says it; addresses with their prefix length. */
export interface UplinkSketch {
  readonly name: string;
  readonly ipv4?: { readonly address: string; readonly gateway: string | null };
  readonly ipv6?: { readonly address: string; readonly gateway: string | null };
}

/** Adds the link with its addresses; both end up in the kernel as on a node whose network someone else configures. */
export function addUplink(kernel: FakeKernel, sketch: UplinkSketch): UplinkIntent {
  const index = kernel.network.addLink({ name: sketch.name, isUp: true });
  const path = (family: Family) => {
    const its = sketch[family];
    if (its === undefined) return null;
    kernel.addAddress(index, its.address);
    const [address = '', length = ''] = its.address.split('/');
    if (its.gateway !== null) kernel.setAnswering(index, its.gateway, true);
    return { addresses: [{ address, prefixLength: Number(length), peer: null }], gateway: its.gateway };
  };
  return { index, name: sketch.name, paths: { ipv4: path('ipv4'), ipv6: path('ipv6') } };
}

/** An intent that ranks uplinks in the order given, for the families they have; all reachable unless said. */
export function intentOf(uplinks: readonly UplinkIntent[], unreachable: readonly UplinkIntent[] = []): NetworkIntent {
  const ranked = (family: Family) =>
    [...uplinks, ...unreachable]
      .filter((uplink) => uplink.paths[family] !== null)
      .map(({ index }) => ({ index, isReachable: uplinks.some((one) => one.index === index) }));
  return { uplinks: [...uplinks, ...unreachable], ranking: { ipv4: ranked('ipv4'), ipv6: ranked('ipv6') } };
}

/** A world in which plans are made and carried out by hand, step by step. */
export class PlanBench {
  readonly kernel: FakeKernel;
  readonly settings: SettingsTarget;
  readonly journal: SettingsJournal;
  readonly links: LinkJournal = memoryLinkJournal();
  readonly routing: RoutingConfig;
  tables: Tables = noTables;

  constructor(kernel = new FakeKernel(), config: Partial<RoutingConfig> = {}, journal = memoryJournal()) {
    this.kernel = kernel;
    this.settings = fakeSettings(kernel);
    this.journal = journal;
    this.routing = { ...routing, ...config };
  }

  plan(intent: NetworkIntent, circumstances: Partial<Circumstances> = {}): Plan {
    const view = observeRouting(this.kernel.state, this.routing);
    this.tables = assignTables(this.tables, intent.uplinks, view, this.routing).tables;
    const desired = desiredNetwork(intent, this.routing, this.tables);
    const settings = new Map<string, string>();
    const { links } = this.kernel.state;
    for (const setting of settingsToRead(desired.settings, this.journal.records.values(), links)) {
      const value = this.settings.read(setting);
      if (value !== null) settings.set(settingKey(setting), value);
    }
    const observed = {
      kernel: this.kernel.state,
      settings,
      records: this.journal.records,
      routing: view,
      holdings: this.links,
    };
    return planNetwork(desired, observed, { ...noCircumstances, ...circumstances });
  }

  async execute(operation: Operation): Promise<boolean> {
    const result = await execute(operation, this);
    return result.ok || result.retry === 'satisfied';
  }

  /** Plans and executes until nothing is left; answers how many plans that took. */
  async toRest(intent: NetworkIntent, afterEach: (operation: Operation) => void = () => undefined): Promise<number> {
    for (let plans = 0; plans < 12; plans += 1) {
      await this.kernel.settle();
      const { operations } = this.plan(intent);
      if (operations.length === 0) return plans;
      for (const operation of operations) {
        const isDone = await this.execute(operation);
        afterEach(operation);
        if (!isDone) break;
      }
    }
    throw new Error(
      `no rest after 12 plans: ${this.plan(intent)
        .operations.map(({ target }) => target)
        .join('; ')}`,
    );
  }

  ownRoutes(): readonly Route[] {
    return this.kernel.network.fib.routes.flat().filter((route) => route.protocol === ownProtocol);
  }

  ownRules(): readonly Rule[] {
    return rulesOf(this.kernel).filter((rule) => rule.protocol === ownProtocol);
  }

  /** Names of the uplinks in the ranked table, as the kernel would try them. */
  ranking(family: Family = 'ipv4'): readonly string[] {
    return this.ownRoutes()
      .filter(
        (route) => route.family === family && route.table === this.tables.ranked && route.destination.endsWith('/0'),
      )
      .toSorted((a, b) => a.metric - b.metric)
      .map(({ linkIndex }) => this.kernel.network.links.get(linkIndex ?? 0)?.name ?? '?');
  }
}

export const foreignRoute = (route: Partial<Route> & Pick<Route, 'table' | 'destination'>): Route => ({
  family: 'ipv4',
  type: 'unicast',
  gateway: null,
  linkIndex: 1,
  metric: 0,
  protocol: 4,
  scope: 'link',
  preferredSource: null,
  isOnLink: false,
  ...route,
});

export const foreignRule = (rule: Partial<Rule> & Pick<Rule, 'priority' | 'table'>): Rule => ({
  family: 'ipv4',
  action: 'lookup',
  from: null,
  to: null,
  inputInterface: null,
  outputInterface: null,
  mark: null,
  mask: null,
  suppressPrefixLength: null,
  protocol: 4,
  hasOtherSelectors: false,
  ...rule,
});
