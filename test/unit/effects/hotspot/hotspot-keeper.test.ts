import { VirtualTimeScheduler } from 'rxjs';
import { describe, expect, test } from 'vitest';
import { HotspotKeeper } from '../../../../src/effects/hotspot/hotspot-keeper.ts';
import type { HotspotReport } from '../../../../src/effects/hotspot/hotspot.opening.ts';
import { defaultConfig, type HotspotConfig } from '../../../../src/model/config.ts';
import type { Problem } from '../../../../src/model/errors.ts';
import type { HotspotIntent } from '../../../../src/model/hotspot.ts';
import type { NetworkIntent } from '../../../../src/model/network.ts';
import { FakeHotspot, memoryHotspotJournal } from '../../../fakes/hotspot-parts.ts';

const config: HotspotConfig = { ...defaultConfig.hotspot, enabled: true, interface: 'wlan0', country: 'DE' };

const uplink = (index: number, name: string) => ({ index, name, paths: { ipv4: null, ipv6: null } });

/** The first is active, in both families. */
const network = (...active: readonly number[]): NetworkIntent => {
  const ranking = active.map((index) => ({ index, isReachable: true }));
  return { uplinks: [uplink(11, 'eth0'), uplink(13, 'wwan0')], ranking: { ipv4: ranking, ipv6: ranking } };
};

const intent = (more: Partial<HotspotIntent> = {}): HotspotIntent => ({
  opening: 1,
  radio: 'wlan0',
  placement: 'alone',
  channel: 6,
  key: 1,
  previousKey: null,
  because: 'nothing is reachable',
  ...more,
});

const died: Problem = { code: 'hotspot.serviceFailed', subject: 'hostapd', message: 'it ended' };

function bench({ journal = memoryHotspotJournal(), execute = true, target = new FakeHotspot() } = {}) {
  const scheduler = new VirtualTimeScheduler();
  let taken: readonly string[] = [];
  const keeper = new HotspotKeeper({
    config,
    execute,
    scheduler,
    target,
    journal,
    radio: {
      read: async () => ({
        index: 12,
        interface: 'wlan0',
        phy: 'phy0',
        supportsAccessPoint: true,
        supportsBoth: true,
        stationChannel: null,
      }),
    },
    takenBeside: () => taken,
    uniquePrefix: 'fd00:1:2:3',
    serversOf: async ({ ipv4 }) => (ipv4 === null ? [] : [`192.0.2.${ipv4}`]),
  });
  const reports: HotspotReport[] = [];
  keeper.reports.subscribe((report) => reports.push(report));
  const rest = async (): Promise<void> => {
    for (let turn = 0; turn < 400; turn += 1) await Promise.resolve();
  };
  return {
    target,
    journal,
    keeper,
    rest,
    take: (networks: readonly string[]) => {
      taken = networks;
    },
    want: async (wanted: HotspotIntent | null, ways: NetworkIntent = network()) => {
      keeper.setIntent(wanted, ways);
      await rest();
    },
    /** Time passes. */
    pass: async (wait: number) => {
      scheduler.maxFrames = scheduler.frame + wait;
      scheduler.flush();
      scheduler.frame = scheduler.maxFrames;
      await rest();
    },
    told: (): readonly string[] =>
      reports.flatMap((report) =>
        report.type.startsWith('hotspot.') ? [`${report.type} ${'opening' in report ? report.opening : ''}`] : [],
      ),
    problems: () =>
      reports.flatMap((report) =>
        report.type === 'noted' || report.type === 'solved' ? [`${report.type} ${report.problem.code}`] : [],
      ),
    reports,
  };
}

const allUp = [
  'start filter',
  'start ipv6Forwarding',
  'start radio',
  'start accessPoint',
  'start forwarding wlan0',
  'start forwarding eth0',
  'start forwarding wwan0',
  'start address',
  'start names',
  'start portal',
];
const allDown = [
  'stop portal',
  'stop names',
  'stop forwarding wwan0',
  'stop forwarding eth0',
  'stop forwarding wlan0',
  'stop address',
  'stop accessPoint',
  'stop radio',
  'stop ipv6Forwarding',
  'stop filter',
];

describe('AP-3: the access point', () => {
  test('is brought up filter first, told when all of it stands, and taken down in reverse', async () => {
    const { want, target, told, journal } = bench();
    await want(intent());
    expect(target.done).toEqual(allUp);
    expect(told()).toEqual(['hotspot.opened 1', 'hotspot.clients 1']);
    expect(journal.records).toHaveLength(allUp.length);
    await want(intent({ because: 'the same' }));
    target.done.length = 0;
    await want(null);
    expect(target.done.toSorted()).toEqual(allDown.toSorted());
    expect(target.done.slice(0, 2)).toEqual(['stop portal', 'stop names']);
    expect(target.done.at(-1)).toBe('stop filter');
    expect(told().at(-1)).toBe('hotspot.closed 1');
    expect(journal.records).toEqual([]);
  });

  test('beside a station gets an interface of its own', async () => {
    const { want, target } = bench();
    await want(intent({ placement: 'beside' }));
    expect(target.standing.get('interface')).toMatchObject({ interface: 'ap-wlan0', radio: 'wlan0' });
    expect(target.standing.get('radio')).toMatchObject({ isTaken: false });
    expect(target.standing.get('accessPoint')).toMatchObject({ interface: 'ap-wlan0' });
  });

  test('is not begun when something is in the way, and nothing is changed', async () => {
    const { want, target, told, reports } = bench();
    target.obstacle = { code: 'hotspot.noCountry', message: 'no country' };
    await want(intent());
    expect(target.done).toEqual([]);
    expect(told()).toEqual(['hotspot.failed 1', 'hotspot.closed 1']);
    expect(reports[0]).toMatchObject({ problem: { code: 'hotspot.noCountry' } });
  });

  test('that cannot be started is taken down, half-made parts too, and stays down until another opening is wanted', async () => {
    const { want, target, told, journal } = bench();
    target.fail('start accessPoint', died);
    await want(intent());
    expect(target.done.slice(3)).toEqual([
      'start accessPoint',
      'stop accessPoint',
      'stop radio',
      'stop ipv6Forwarding',
      'stop filter',
    ]);
    expect(told()).toEqual(['hotspot.failed 1', 'hotspot.closed 1']);
    expect(journal.records).toEqual([]);
    await want(intent({ channel: 1 }));
    expect(target.standing.size).toBe(0);
    target.heal('start accessPoint');
    await want(intent({ opening: 2 }));
    expect(told().slice(2)).toEqual(['hotspot.opened 2', 'hotspot.clients 2']);
  });

  test('whose record cannot be written is not touched', async () => {
    const journal = memoryHotspotJournal();
    journal.isFull = true;
    const { want, target, told, reports } = bench({ journal });
    await want(intent());
    expect(target.done.filter((what) => what.startsWith('start'))).toEqual([]);
    expect(told()[0]).toBe('hotspot.failed 1');
    expect(reports.find(({ type }) => type === 'hotspot.failed')).toMatchObject({
      problem: { code: 'state.unwritable' },
    });
  });

  test('is ended in the middle of its start when it is not wanted any more', async () => {
    const { want, target, told } = bench();
    target.hold('start accessPoint');
    await want(intent());
    expect(target.done.at(-1)).toBe('start accessPoint');
    await want(null);
    expect(target.standing.size).toBe(0);
    expect(told()).toEqual(['hotspot.closed 1']);
  });

  test('of another opening begins only when nothing is left of the one before', async () => {
    const { want, target, told } = bench();
    await want(intent());
    target.done.length = 0;
    await want(intent({ opening: 2 }));
    expect(target.done.at(0)).toBe('stop portal');
    expect(target.done.slice(allDown.length)).toEqual(allUp);
    expect(told().slice(2)).toEqual(['hotspot.closed 1', 'hotspot.opened 2', 'hotspot.clients 2']);
  });

  test('that a killed run has left is taken away first', async () => {
    const journal = memoryHotspotJournal([
      {
        part: {
          kind: 'filter',
          interface: 'old',
          address: { ipv4: null, ipv6: null },
          network: { ipv4: null, ipv6: null },
          upstream: { ipv4: null, ipv6: null },
          uplinks: [],
          isIsolated: true,
          services: [],
          allowed: [],
          neighbours: [],
        },
        before: {},
      },
      { part: { kind: 'forwarding', interface: 'old' }, before: { ipv4: '0' } },
    ]);
    const { want, target } = bench({ journal });
    await want(intent());
    expect(target.done).toEqual(['stop forwarding old', 'stop filter', ...allUp]);
  });

  test.each(allUp)('of a run that was killed when it had just made this is taken away whole: %s', async (last) => {
    const first = bench();
    const { target, journal } = first;
    const start = target.start.bind(target);
    target.start = async (part, signal) => {
      const problem = await start(part, signal);
      return target.done.at(-1) === last ? new Promise(() => undefined) : problem;
    };
    await first.want(intent());
    expect(target.done.at(-1)).toBe(last);
    target.start = start;
    const second = bench({ target, journal });
    await second.rest();
    expect([...target.standing.keys()]).toEqual([]);
    expect(journal.records).toEqual([]);
    await second.want(intent({ opening: 7 }));
    expect(second.told()).toEqual(['hotspot.opened 7', 'hotspot.clients 7']);
  });

  test('in a dry run is planned, and nothing is done', async () => {
    const { want, target, keeper } = bench({ execute: false });
    await want(intent());
    expect(target.done).toEqual([]);
    expect(keeper.currentPlan().map(({ type }) => type)).toEqual(allUp.map(() => 'hotspot.start'));
    expect(await keeper.stop()).toEqual([]);
  });

  test('that cannot be taken away is tried three times, stays in the journal, and does not hold up the end', async () => {
    const { want, target, keeper, pass, problems } = bench();
    await want(intent());
    target.fail('stop names', died);
    const ended = keeper.stop();
    for (let turn = 0; turn < 4; turn += 1) await pass(500);
    expect((await ended).map(({ target: what }) => what)).toEqual(['dnsmasq on wlan0']);
    expect(target.done.filter((what) => what === 'stop names')).toHaveLength(3);
    expect(problems()).toContain('noted hotspot.serviceFailed');
    expect([...target.standing.keys()]).toEqual(['names']);
  });
});

describe('AP-3: a radio that nobody takes back', () => {
  const refused: Problem = { code: 'hotspot.radioBusy', subject: 'wlan0', message: 'nobody takes it back' };
  const left = () => memoryHotspotJournal([{ part: radio, before: { manager: 'networkManager' } }]);
  const radio = { kind: 'radio', interface: 'wlan0', phy: 'phy0', country: 'DE', isTaken: true } as const;
  const attempts = ({ done }: FakeHotspot) => done.filter((what) => what === 'stop radio').length;

  test.each([
    ['at closing', async ({ want }: ReturnType<typeof bench>) => want(intent()).then(async () => want(null))],
    ['when a killed run has left it', async () => undefined],
  ])('%s is offered again each minute until it is taken, and that is said meanwhile', async (when, act) => {
    const target = new FakeHotspot();
    target.fail('stop radio', refused);
    const one = bench({ target, ...(when === 'at closing' ? {} : { journal: left() }) });
    await act(one);
    await one.rest();
    for (let turn = 0; turn < 4; turn += 1) await one.pass(500);
    expect(attempts(target)).toBe(3);
    expect(one.problems().at(-1)).toBe('noted hotspot.radioBusy');
    await one.pass(50_000);
    expect(attempts(target)).toBe(3);
    target.heal('stop radio');
    await one.pass(10_000);
    expect(attempts(target)).toBe(4);
    expect(one.problems().at(-1)).toBe('solved hotspot.radioBusy');
    expect(one.journal.records).toEqual([]);
    await one.pass(300_000);
    expect(attempts(target)).toBe(4);
  });

  test('is offered once more at the end', async () => {
    const target = new FakeHotspot();
    target.fail('stop radio', refused);
    const { keeper, pass, rest, journal } = bench({ target, journal: left() });
    await rest();
    for (let turn = 0; turn < 4; turn += 1) await pass(500);
    target.heal('stop radio');
    expect(await keeper.stop()).toEqual([]);
    expect(journal.records).toEqual([]);
  });
});

describe('AP-3: a service that ends by itself', () => {
  test('is started again after half a second, with the address that went with it; the problem is said meanwhile', async () => {
    const { want, target, pass, problems, told } = bench();
    await want(intent());
    target.listener?.clients(3);
    target.done.length = 0;
    target.end('accessPoint', died);
    await pass(400);
    expect(target.done).toEqual([]);
    expect(problems()).toEqual(['noted hotspot.serviceFailed']);
    await pass(200);
    expect(target.done).toEqual(['start accessPoint', 'start address']);
    expect(problems()).toEqual(['noted hotspot.serviceFailed', 'solved hotspot.serviceFailed']);
    expect(told().filter((one) => one.startsWith('hotspot.clients'))).toHaveLength(3);
    expect(told()).not.toContain('hotspot.failed 1');
  });

  test('six times within two minutes has failed; waits double', async () => {
    const { want, target, pass, told } = bench();
    await want(intent());
    for (const wait of [500, 1000, 2000, 4000, 8000]) {
      target.end('names', died);
      await pass(wait - 1);
      expect(target.standing.has('names')).toBe(false);
      await pass(1);
      expect(target.standing.has('names')).toBe(true);
    }
    target.end('names', died);
    await pass(0);
    expect(told().slice(-2)).toEqual(['hotspot.failed 1', 'hotspot.closed 1']);
    expect(target.standing.size).toBe(0);
  });

  test('that cannot be started again counts as one that has ended', async () => {
    const { want, target, pass, told } = bench();
    await want(intent());
    target.fail('start accessPoint', died);
    target.end('accessPoint', died);
    await pass(1000);
    await pass(2000);
    expect(told()).not.toContain('hotspot.failed 1');
    for (let turn = 0; turn < 6; turn += 1) await pass(8000);
    expect(told()).toContain('hotspot.failed 1');
  });
});

describe('AP-3: what has gone by itself, and its record', () => {
  test('is taken down with the rest when it is not wanted any more before it is started again', async () => {
    const { want, target, pass, journal, told } = bench();
    await want(intent());
    target.end('accessPoint', died);
    await pass(100);
    await want(null);
    await pass(1000);
    expect(journal.records).toEqual([]);
    expect([...target.standing.keys()]).toEqual([]);
    expect(told().at(-1)).toBe('hotspot.closed 1');
  });

  test('is taken down with the rest when it has ended too often', async () => {
    const { want, target, pass, journal, told } = bench();
    await want(intent());
    for (let turn = 0; turn < 6; turn += 1) {
      target.end('accessPoint', died);
      // oxlint-disable-next-line no-await-in-loop
      await pass(16_000);
    }
    expect(told().slice(-2)).toEqual(['hotspot.failed 1', 'hotspot.closed 1']);
    expect(journal.records).toEqual([]);
    expect([...target.standing.keys()]).toEqual([]);
  });

  test('does not hold up the end by the time until its next start', async () => {
    const { want, target, pass, keeper, rest } = bench();
    await want(intent());
    for (let turn = 0; turn < 4; turn += 1) {
      target.end('names', died);
      // oxlint-disable-next-line no-await-in-loop
      await pass(4000);
    }
    target.end('names', died);
    await rest();
    const ended = keeper.stop();
    await rest();
    expect(await Promise.race([ended, Promise.resolve('not yet')])).toEqual([]);
    expect([...target.standing.keys()]).toEqual([]);
  });

  test('SECU-1: rules that cannot be changed go on as they were, and are tried again', async () => {
    const { want, target, pass, told } = bench();
    await want(intent());
    target.done.length = 0;
    target.fail('change filter', died);
    await want(intent(), network(11));
    expect(target.done.filter((what) => what.endsWith(' filter'))).toEqual(['change filter']);
    expect(target.standing.has('filter')).toBe(true);
    await pass(1000);
    expect(target.done).toContain('start filter');
    expect(target.standing.get('filter')).toMatchObject({ upstream: { ipv4: 11 } });
    expect(told()).not.toContain('hotspot.failed 1');
  });
});

describe('AP-2: what follows while it is open', () => {
  test('filter and name servers follow the active uplink, and nothing is started anew', async () => {
    const { want, target } = bench();
    await want(intent());
    expect(target.standing.get('names')).toMatchObject({ hasWayOut: false, servers: [] });
    target.done.length = 0;
    await want(intent(), network(11));
    expect(target.done).toEqual(['change filter', 'change names']);
    expect(target.standing.get('filter')).toMatchObject({ upstream: { ipv4: 11, ipv6: 11 } });
    expect(target.standing.get('names')).toMatchObject({ hasWayOut: true, servers: ['192.0.2.11'] });
    await want(intent(), network(13, 11));
    expect(target.standing.get('filter')).toMatchObject({ upstream: { ipv4: 13 } });
  });

  test('channel and keys change while it goes on', async () => {
    const { want, target, told } = bench();
    await want(intent());
    target.done.length = 0;
    await want(intent({ channel: 11 }));
    await want(intent({ channel: 11, key: 2, previousKey: 1 }));
    expect(target.done).toEqual(['change accessPoint', 'change accessPoint']);
    expect(told()).toHaveLength(2);
  });

  test('what cannot be changed is made anew', async () => {
    const { want, target, pass, told } = bench();
    await want(intent());
    target.fail('change accessPoint', died);
    await want(intent({ key: 2, previousKey: 1 }));
    await pass(500);
    expect(target.standing.get('accessPoint')).toMatchObject({ key: 2 });
    expect(told()).not.toContain('hotspot.failed 1');
  });

  test('its network is moved when another link has it, and stays there', async () => {
    const { want, target, take, keeper, rest, reports } = bench();
    await want(intent());
    target.done.length = 0;
    take(['192.168.50.7/23']);
    keeper.reconsider();
    await rest();
    expect(target.standing.get('address')).toMatchObject({ address: { ipv4: '192.168.52.1/24' } });
    expect(target.done).not.toContain('stop accessPoint');
    expect(reports.findLast(({ type }) => type === 'hotspot.opened')).toMatchObject({
      network: { ipv4: { address: '192.168.52.1' }, dhcpStart: '192.168.52.100' },
    });
    take([]);
    keeper.reconsider();
    await rest();
    expect(target.standing.get('address')).toMatchObject({ address: { ipv4: '192.168.52.1/24' } });
  });

  test('its network is moved when the gateway of a lease is in it', async () => {
    const { want, target } = bench();
    await want(intent());
    const lease = {
      address: '100.64.0.5',
      prefixLength: 32,
      gateway: '192.168.50.1',
      routes: [],
      dns: [],
      mtu: null,
      server: null,
      duration: null,
    };
    await want(intent(), { ...network(11), leases: [{ index: 11, name: 'eth0', lease }] });
    expect(target.standing.get('address')).toMatchObject({ address: { ipv4: '192.168.51.1/24' } });
    await want(intent(), { ...network(11), leases: [{ index: 12, name: 'wlan0', lease }] });
    expect(target.standing.get('address')).toMatchObject({ address: { ipv4: '192.168.51.1/24' } });
  });

  test('without a free network it fails', async () => {
    const { want, take, reports } = bench();
    take(['192.168.0.0/16', '10.0.0.0/8']);
    await want(intent());
    expect(reports[0]).toMatchObject({ type: 'hotspot.failed', problem: { code: 'hotspot.noSubnet' } });
  });

  test('what others have taken away is put back', async () => {
    const { want, target, keeper, rest } = bench();
    await want(intent());
    target.done.length = 0;
    target.lost = ['filter', 'address'];
    keeper.refresh();
    await rest();
    expect(target.done).toEqual(['start filter', 'start address']);
  });

  test('clients are told when their number changes, and not of one that is not open', async () => {
    const { want, target, reports } = bench();
    target.listener?.clients(4);
    await want(intent());
    target.listener?.clients(1);
    target.listener?.clients(1);
    target.listener?.clients(2);
    await want(null);
    target.listener?.clients(3);
    expect(reports.flatMap((one) => (one.type === 'hotspot.clients' ? [one.clients] : []))).toEqual([0, 1, 2]);
  });
});
