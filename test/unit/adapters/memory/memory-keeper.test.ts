import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createBootClock, createSleepReader } from '../../../../src/adapters/memory/boot-clock.ts';
import { openMemory, type MemoryKeeper } from '../../../../src/adapters/memory/memory-keeper.ts';
import type { Problem } from '../../../../src/model/errors.ts';
import type { UsbFacts } from '../../../../src/model/interface.ts';
import type { UplinkMemory } from '../../../../src/model/memory.ts';
import { instant, milliseconds } from '../../../../src/model/units.ts';
import { facts, goodRound } from '../../machines/examples.ts';

const scope = { boot: 'a boot', namespace: 'net:[1]' };
const eth0 = facts();
const hour = 3_600_000;

/** Rounds and penalties as of an instant of the process's clock. */
const knownAt = (at: number, overrides: Partial<UplinkMemory> = {}): UplinkMemory => ({
  lifecycle: { state: 'up', since: instant(at - 50_000) },
  damping: { merit: 2500, at: instant(at - 1000), isSuppressed: true },
  measured: {
    ipv4: {
      source: '10.0.2.5',
      gateway: '10.0.2.1',
      verdict: 'healthy',
      rounds: [{ ...goodRound(7), startedAt: instant(at - 2000) }],
    },
    ipv6: null,
  },
  ...overrides,
});

let directory = '';
let path = '';
const problems: Problem[] = [];
const solved: Problem[] = [];
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance', 'Date'] });
  directory = mkdtempSync(join(tmpdir(), 'backhaul-memory-'));
  path = join(directory, 'memory.json');
  problems.length = 0;
  solved.length = 0;
});
afterEach(() => {
  vi.useRealTimers();
  rmSync(directory, { recursive: true, force: true });
});

/** A run of the daemon: it began when its machine had run for so long. */
class Run {
  readonly keeper: MemoryKeeper;
  known: readonly { facts: typeof eth0; memory: UplinkMemory }[] = [];
  readonly #bornAt: number;
  readonly #began = performance.now();

  constructor(bornAt: number | null, where = scope) {
    this.#bornAt = bornAt ?? 0;
    this.keeper = openMemory({
      directory,
      collect: () => this.known,
      now: () => instant(this.now),
      onProblem: (problem) => problems.push(problem),
      onSolved: (problem) => solved.push(problem),
      bootClock: { sinceBoot: () => (bornAt === null ? null : milliseconds(this.#bornAt + this.now)) },
      scope: where,
    });
  }

  get now(): number {
    return performance.now() - this.#began;
  }
}

/** What a run that ended when the machine had run for an hour left behind. */
async function leave(memory: UplinkMemory = knownAt(0), device = eth0): Promise<void> {
  const run = new Run(hour);
  run.known = [{ facts: device, memory }];
  await run.keeper.close();
}

describe('ROUT-8: what a run knew of its uplinks', () => {
  test('is recalled by the next one, as old as it is by then', async () => {
    await leave();
    const next = new Run(hour + 30_000);
    expect(next.keeper.recall(eth0)).toEqual(knownAt(-30_000));
    expect(problems).toEqual([]);
  });

  test('has grown older by a sleep of the machine too: the clock of the boot is what counts', async () => {
    await leave();
    const next = new Run(hour + 300_000);
    expect(next.keeper.recall(eth0)?.damping.at).toBe(-301_000);
  });

  test.each([
    ['in 1970', '1970-01-01T00:00:30Z', '1970-01-01T00:00:40Z'],
    ['50 years ahead', '1970-01-01T00:00:30Z', '2026-06-01T12:00:00Z'],
    ['a day back', '2026-06-02T12:00:00Z', '2026-06-01T12:00:00Z'],
  ])('is as old as it is, though the wall clock is %s', async (_what, before, after) => {
    vi.setSystemTime(new Date(before));
    await leave();
    vi.setSystemTime(new Date(after));
    expect(new Run(hour + 30_000).keeper.recall(eth0)).toEqual(knownAt(-30_000));
    expect(readFileSync(path, 'utf8')).not.toMatch(/19\d\d-|20\d\d-/u);
  });

  test.each([
    ['of another boot', hour + 1000, { ...scope, boot: 'the next boot' }],
    ['of another network namespace', hour + 1000, { ...scope, namespace: 'net:[2]' }],
    ['written later than now', hour - 1000, scope],
    ['in a kernel that does not tell the time of its boot', null, scope],
    ['in a kernel that does not tell its boot', hour + 1000, { ...scope, boot: '' }],
  ])('is not recalled: %s', async (_what, bornAt, where) => {
    await leave();
    expect(new Run(bornAt, where).keeper.recall(eth0)).toBeNull();
    expect(problems).toEqual([]);
  });

  const usb: UsbFacts = { serial: 'A1', port: '1-1', vendorId: null, productId: null, interfaceClass: null };
  const device = { ...eth0.device, driver: 'cdc_ether', usb };
  test.each([
    ['another name', { name: 'eth1' }],
    ['another index: it was made anew', { index: 3 }],
    ['another MAC address', { macAddress: '02:00:00:00:00:02' }],
    ['another driver', { device: { ...device, driver: 'rndis_host' } }],
    ['another serial number', { device: { ...device, usb: { ...usb, serial: 'B2' } } }],
    ['no USB any more', { device: { ...device, usb: null } }],
  ])('is not that of a device with %s', async (_what, other) => {
    const modem = { ...eth0, device };
    await leave(knownAt(0), modem);
    const next = new Run(hour + 1000);
    expect(next.keeper.recall({ ...modem, ...other })).toBeNull();
    expect(next.keeper.recall(modem)).not.toBeNull();
  });

  test('says nothing of what was measured after ten minutes; the penalty decays by itself', async () => {
    await leave();
    const late = new Run(hour + 598_500).keeper.recall(eth0);
    expect(late).toEqual({
      lifecycle: null,
      damping: { merit: 2500, at: -599_500, isSuppressed: true },
      measured: { ipv4: null, ipv6: null },
    });
    expect(new Run(hour + 597_500).keeper.recall(eth0)?.lifecycle?.state).toBe('up');
    await leave(knownAt(0, { damping: { merit: 0.5, at: instant(0), isSuppressed: false } }));
    expect(new Run(hour + 598_500).keeper.recall(eth0)).toBeNull();
  });

  test('a file that is damaged is set aside and said, and the next run begins without it', () => {
    writeFileSync(path, '{"format":"memory.json","version":1,"data":{"boot":"a bo');
    expect(new Run(hour).keeper.recall(eth0)).toBeNull();
    expect(problems).toMatchObject([{ code: 'state.damaged' }]);
    expect(readdirSync(directory)).toEqual(['memory.json.damaged-1']);
  });

  test.each([
    ['data.writtenAt', 'soon'],
    ['data.uplinks', {}],
    ['data.uplinks.0.identity.index', '2'],
    ['data.uplinks.0.identity.macAddress', 7],
    ['data.uplinks.0.memory.lifecycle.state', 'asleep'],
    ['data.uplinks.0.memory.lifecycle.since', null],
    ['data.uplinks.0.memory.damping.merit', -1],
    ['data.uplinks.0.memory.damping.at', null],
    ['data.uplinks.0.memory.damping.isSuppressed', 'yes'],
    ['data.uplinks.0.memory.measured', null],
    ['data.uplinks.0.memory.measured.ipv4.verdict', 'fine'],
    ['data.uplinks.0.memory.measured.ipv4.gateway', 1],
    ['data.uplinks.0.memory.measured.ipv4.rounds.0.cause', 'crossCheck'],
    ['data.uplinks.0.memory.measured.ipv4.rounds.0.samples.0.rtt', -5],
    ['data.uplinks.0.memory.measured.ipv4.rounds.0.samples.0.retransmitted', null],
  ])('nor is a file taken in of which %s is %j', async (key, value) => {
    await leave();
    const content: unknown = JSON.parse(readFileSync(path, 'utf8'));
    put(content, key.split('.'), value);
    writeFileSync(path, JSON.stringify(content));
    expect(new Run(hour).keeper.recall(eth0)).toBeNull();
    expect(problems).toMatchObject([{ code: 'state.damaged' }]);
  });
});

function put(holder: unknown, [key = '', ...rest]: readonly string[], value: unknown): void {
  if (typeof holder !== 'object' || holder === null) throw new Error(`there is no ${key}`);
  if (rest.length === 0) Object.assign(holder, { [key]: value });
  else put(Reflect.get(holder, key), rest, value);
}

describe('is written', () => {
  const text = (): string | null => (readdirSync(directory).length === 0 ? null : readFileSync(path, 'utf8'));
  /** Something may have changed, and so much time passes. */
  async function pass(run: Run, ms: number): Promise<void> {
    run.keeper.touch();
    await vi.advanceTimersByTimeAsync(ms);
    await run.keeper.settled();
  }
  const isDown = (at: number): UplinkMemory => knownAt(at, { lifecycle: { state: 'down', since: instant(at) } });

  test('a second after a change, and never twice in five seconds', async () => {
    const run = new Run(hour);
    run.known = [{ facts: eth0, memory: knownAt(0) }];
    await pass(run, 950);
    expect(text()).toBeNull();
    await pass(run, 50);
    expect(text()).toContain('"up"');
    expect(readdirSync(directory)).toEqual(['memory.json']);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    run.known = [{ facts: eth0, memory: isDown(1000) }];
    await pass(run, 4950);
    expect(text()).toContain('"up"');
    await pass(run, 50);
    expect(text()).toContain('"down"');
  });

  test('not when there are only more rounds, but each five minutes while there are', async () => {
    const run = new Run(hour);
    const { lifecycle, damping } = knownAt(0);
    const measuresOn = async (ms: number): Promise<void> => {
      run.known = [{ facts: eth0, memory: knownAt(run.now, { lifecycle, damping }) }];
      await pass(run, ms);
    };
    await measuresOn(1000);
    const first = text();
    for (let passed = 0; passed < 290_000; passed += 10_000) await measuresOn(10_000);
    expect(text()).toBe(first);
    for (let passed = 0; passed < 20_000; passed += 10_000) await measuresOn(10_000);
    expect(text()).not.toBe(first);
  });

  test('at the end, whatever the time, and where anything is different', async () => {
    const run = new Run(hour);
    run.known = [{ facts: eth0, memory: knownAt(0) }];
    run.keeper.touch();
    await run.keeper.close();
    expect(text()).toContain('"up"');
    run.keeper.touch();
    expect(vi.getTimerCount()).toBe(0);
  });

  test('where that cannot be done it is said once, and once when it can be again', async () => {
    const run = new Run(hour);
    rmSync(directory, { recursive: true });
    writeFileSync(directory, 'no directory');
    for (let i = 0; i < 3; i++) {
      run.known = [{ facts: eth0, memory: isDown(i) }];
      await pass(run, 5000);
      expect(problems).toMatchObject([{ code: 'state.unwritable' }]);
    }
    expect(solved).toEqual([]);
    rmSync(directory);
    run.known = [{ facts: eth0, memory: isDown(9) }];
    await pass(run, 5000);
    expect(solved).toEqual(problems);
    expect(text()).toContain('"down"');
  });
});

describe('the clock of the boot', () => {
  const uptime = (text: string): string => {
    const file = join(directory, 'uptime');
    writeFileSync(file, text);
    return file;
  };

  test('is read from /proc/uptime', () => {
    expect(createBootClock(uptime('12345.67 99.10\n')).sinceBoot()).toBe(12_345_670);
    expect(createBootClock().sinceBoot()).toBeGreaterThan(0);
  });

  test.each(['', 'soon', '-3.00 1.00', '12 34', '1e9 1'])('is unknown where that says %j', (text) => {
    expect(createBootClock(uptime(text)).sinceBoot()).toBeNull();
  });

  test('is unknown where there is no such file', () => {
    expect(createBootClock(join(directory, 'none')).sinceBoot()).toBeNull();
    expect(createSleepReader({ now: () => 0 }, { sinceBoot: () => null }).asleep()).toBeNull();
  });

  describe('shows by how much it is ahead how long the machine slept', () => {
    let slept = 0;
    let now = 0;
    let wall = 0;
    let reads = 0;
    const sinceBoot = () => {
      reads += 1;
      return milliseconds(hour + now + slept);
    };
    const readerNow = () => {
      [slept, now, wall, reads] = [0, 0, 1_700_000_000_000, 0];
      return createSleepReader({ now: () => now }, { sinceBoot }, () => wall);
    };
    const pass = (duration: number): void => {
      now += duration;
      wall += duration;
    };

    test('as the wall clock, which a sleep moves too, gives the hint', () => {
      const reader = readerNow();
      const before = reader.asleep() ?? NaN;
      pass(500);
      expect(reader.asleep()).toBe(before);
      expect(reads).toBe(1);
      slept += 8 * hour;
      wall += 8 * hour;
      expect((reader.asleep() ?? NaN) - before).toBe(8 * hour);
    });

    test('within half a minute also where the wall clock was set back meanwhile by as much', () => {
      const reader = readerNow();
      const before = reader.asleep() ?? NaN;
      slept += 8 * hour;
      for (let looks = 0; looks < 60; looks += 1) {
        pass(500);
        reader.asleep();
      }
      expect((reader.asleep() ?? NaN) - before).toBe(8 * hour);
    });

    test('and nothing where only the wall clock was set', () => {
      const reader = readerNow();
      const before = reader.asleep() ?? NaN;
      wall -= hour;
      expect(reader.asleep()).toBe(before);
    });
  });
});
