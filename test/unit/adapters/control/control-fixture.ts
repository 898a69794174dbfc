import { mkdtempSync, rmSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

import type { ControlApi, ControlEvent, HotspotApi } from '../../../../src/adapters/control/api.ts';
import { openControlServer } from '../../../../src/adapters/control/server.ts';
import type { Problem } from '../../../../src/model/errors.ts';
import type { Status } from '../../../../src/model/status.ts';
import type { TraceItem } from '../../../../src/model/trace.ts';
import { bytes, instant } from '../../../../src/model/units.ts';
import type { BudgetStatus } from '../../../../src/model/usage.ts';

/** A folder that is gone after the test. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'backhauld-control-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export const emptyStatus: Status = {
  active: { ipv4: null, ipv6: null },
  challenges: { ipv4: null, ipv6: null },
  ranking: { ipv4: [], ipv6: [] },
  pinned: null,
  interfaces: [],
  blamedTargets: [],
  departures: [],
  problems: [],
  hotspot: null,
  tethers: [],
  budgets: [],
  onBattery: null,
};

export const noActors: TraceItem = {
  type: 'actors',
  at: instant(0),
  wallTime: '1970-01-01T00:00:00.000Z',
  actors: [],
};

const notEnabled = (): Problem => ({ code: 'hotspot.notEnabled', message: 'the configuration has no hotspot' });

export const noHotspot: HotspotApi = {
  status: notEnabled,
  setMode: notEnabled,
  rotateKey: notEnabled,
  access: notEnabled,
  issueToken: notEnabled,
  redeemToken: notEnabled,
};

/** One that is plugged in, and one that is not. */
export const budgets: readonly BudgetStatus[] = [
  {
    identity: 'usb serial R58M123',
    iface: 'usb0',
    usedBytes: bytes(812_300_000),
    budgetBytes: bytes(1_073_741_824),
    usedPercent: 75.7,
    level: 'at75',
    period: 'monthly',
    periodStart: '2026-11-01T00:00:00.000Z',
    periodEnd: '2026-12-01T00:00:00.000Z',
    atLimit: 'block',
  },
  {
    identity: 'usb port 1-1.4',
    iface: null,
    usedBytes: bytes(2_000_000_000),
    budgetBytes: bytes(2_000_000_000),
    usedPercent: 100,
    level: 'exhausted',
    period: 'prepaid',
    periodStart: '2026-10-03T11:12:13.000Z',
    periodEnd: null,
    atLimit: 'throttle',
  },
];

const noBudget: Problem = { code: 'budget.unknown', message: 'there is no budget of nope' };

export interface FakeDaemon {
  readonly path: string;
  readonly pins: readonly (string | null)[];
  /** What it was told of budgets. */
  readonly told: readonly string[];
  /** How many are subscribed to events now. */
  readonly subscribers: () => number;
  emit(event: ControlEvent): void;
  /** How many look at the machines now. */
  readonly viewers: () => number;
  show(item: TraceItem): void;
  close(): Promise<void>;
}

/** A control server with an API in memory, on a socket of its own. */
export async function fakeDaemon(
  overrides: Partial<ControlApi> = {},
  path = join(temporaryFolder(), 'c.sock'),
): Promise<FakeDaemon> {
  const pins: (string | null)[] = [];
  const told: string[] = [];
  const listeners = new Set<(event: ControlEvent) => void>();
  const viewers = new Set<(item: TraceItem) => void>();
  const server = await openControlServer(path, 0o660, {
    status: () => emptyStatus,
    explain: (name) =>
      name === 'nope' ? { code: 'usage.invalid', message: 'there is no interface "nope"' } : { uplinks: [] },
    plan: () => [],
    pin: (name) => {
      pins.push(name);
      return name === 'nope' ? { code: 'usage.invalid', message: 'there is no interface "nope"' } : null;
    },
    budgets: () => budgets,
    resetBudget: (name) => {
      told.push(`reset ${name}`);
      return name === 'nope' ? noBudget : null;
    },
    setBudget: (name, usedBytes) => {
      told.push(`set ${name} ${usedBytes}`);
      return name === 'nope' ? noBudget : null;
    },
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    hotspot: noHotspot,
    inspect: (viewer) => {
      viewers.add(viewer);
      viewer(noActors);
      return () => viewers.delete(viewer);
    },
    ...overrides,
  });
  onTestFinished(() => server.close());
  return {
    path,
    pins,
    told,
    subscribers: () => listeners.size,
    emit: (event) => {
      for (const listener of listeners) listener(event);
    },
    viewers: () => viewers.size,
    show: (item) => {
      for (const viewer of viewers) viewer(item);
    },
    close: () => server.close(),
  };
}

/** Sends raw bytes and collects what comes back until the far end closes. */
export function rawExchange(path: string, bytes: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(path);
    let received = '';
    socket.setEncoding('utf8');
    socket.on('data', (chunk: string) => (received += chunk));
    socket.on('error', () => {});
    socket.once('close', () => resolve(received));
    socket.write(bytes);
  });
}

export function connected(path: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(path);
    socket.once('connect', () => resolve(socket));
    socket.once('error', reject);
  });
}
