import { beforeEach, expect, test, vi } from 'vitest';

import type { HotspotApi } from '../../src/adapters/control/api.ts';
import type { EngineOptions } from '../../src/engine.ts';
import { BackhaulManager, type HotspotMode } from '../../src/main.ts';
import type { NodeEmission } from '../../src/model/events.ts';
import { instant } from '../../src/model/units.ts';
import { emptyStatus, noHotspot } from './adapters/control/control-fixture.ts';
import { access, hotspot } from '../golden/samples.ts';

const engine = {
  tell: (emission: NodeEmission): void => void emission,
  hotspot: noHotspot,
  asked: [] as (HotspotMode | 'rotate')[],
};

/** The manager's own work is what is tried here: the network of this machine is none of it. */
vi.mock(import('../../src/engine.ts'), () => ({
  openEngine: ({ listeners }: EngineOptions) => {
    engine.tell = (emission) => listeners.tell(emission);
    return Promise.resolve({
      api: {
        status: () => emptyStatus,
        explain: () => ({ uplinks: [] }),
        plan: () => [],
        pin: () => null,
        budgets: () => [],
        resetBudget: () => null,
        setBudget: () => null,
        hotspot: engine.hotspot,
        subscribe: () => () => {},
        inspect: () => () => {},
      },
      relayQos: () => Promise.resolve(null),
      close: () => Promise.resolve([]),
    });
  },
}));

const working: HotspotApi = {
  ...noHotspot,
  setMode: (mode) => {
    engine.asked.push(mode);
    return hotspot;
  },
  rotateKey: () => {
    engine.asked.push('rotate');
    return hotspot;
  },
  access: () => access,
};

beforeEach(() => {
  engine.asked = [];
  engine.hotspot = noHotspot;
});

test('API-1: what happens to the hotspot, to tethers and to budgets is told to those who listen for it, and to no others', async () => {
  await using manager = new BackhaulManager();
  const told: unknown[] = [];
  manager.on('hotspot', (change) => told.push(['hotspot', change]));
  manager.on('tether', (change) => told.push(['tether', change]));
  manager.on('budget', (change) => told.push(['budget', change]));
  manager.on('state', (change) => told.push(['state', change]));
  await manager.start();
  const at = instant(1);
  const because = 'no uplink has been reachable for 30s';
  engine.tell({ type: 'hotspot', from: 'inactive', to: 'starting', because, at });
  engine.tell({ type: 'tether', index: 7, name: 'usb0', from: null, to: 'detected', because: 'it is new', at });
  engine.tell({ type: 'budget', index: 7, name: 'usb0', level: 'at75', at });
  expect(told).toEqual([
    ['hotspot', { from: 'inactive', to: 'starting', because }],
    ['tether', { iface: 'usb0', from: null, to: 'detected', because: 'it is new' }],
    ['budget', { iface: 'usb0', level: 'at75' }],
  ]);
});

test('API-1: the hotspot is opened, closed, left to the daemon, and given another key', async () => {
  engine.hotspot = working;
  await using manager = new BackhaulManager();
  await manager.start();
  expect([manager.setHotspot('on'), manager.setHotspot('auto'), manager.rotateHotspotKey()]).toEqual([
    null,
    null,
    null,
  ]);
  expect(engine.asked).toEqual(['on', 'auto', 'rotate']);
  expect(manager.hotspotAccess()).toEqual(access);
});

test('API-1: a hotspot that is not there is a problem, not an exception', async () => {
  await using manager = new BackhaulManager();
  expect(manager.setHotspot('on')).toMatchObject({ code: 'control.notRunning' });
  expect(manager.rotateHotspotKey()).toMatchObject({ code: 'control.notRunning' });
  expect(manager.hotspotAccess()).toMatchObject({ code: 'control.notRunning' });
  await manager.start();
  expect(manager.setHotspot('on')).toMatchObject({ code: 'hotspot.notEnabled' });
  expect(manager.rotateHotspotKey()).toMatchObject({ code: 'hotspot.notEnabled' });
  expect(manager.hotspotAccess()).toMatchObject({ code: 'hotspot.notEnabled' });
});
