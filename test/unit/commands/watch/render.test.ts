import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { render } from '../../../../src/commands/watch/render.ts';
import type { HotspotStatus } from '../../../../src/model/hotspot.ts';
import { busy, hotspot } from '../../../golden/samples.ts';
import { exampleExtra, exampleStatus } from './example-status.ts';

const escapes = new RegExp(String.raw`${'\u001B'}\[[\d;]*m`, 'gu');
const draw = (width: number, height: number, extra = exampleExtra) => render(exampleStatus, extra, width, height);

describe('the live view', () => {
  test('says who carries the traffic of each family, and by which rule', () => {
    const frame = draw(80, 30);
    expect(frame).toMatch(/IPv4 +▸ wlan0 +lifecycle +wlan0 is up, eth0 is probing/u);
    expect(frame).toMatch(/IPv6 +○ none/u);
  });

  test('shows for each uplink its type, state, verdicts, score, loss and round-trip time', () => {
    expect(draw(80, 30)).toMatch(
      /1 +eth0 +◌ probing +degraded +failed +1098 +0\.8 ms +15 %\n +ethernet · 192\.168\.101\.50/u,
    );
  });

  test('shows a hold-down with the time that remains, and damping with the time until reuse', () => {
    expect(draw(80, 30)).toMatch(/up in +7\.4 s ━+─+ · suppressed for 1 m 41 s/u);
  });

  test('shows the parts of the score: as columns where there is room, else in the details', () => {
    expect(draw(120, 30)).toMatch(/eth0 .* 1098 +298 +200 +500 +100 /u);
    expect(draw(80, 30)).toContain('score 298 + 200 + 500 + 80');
  });

  test('shows why an interface is no candidate, and what was done to it', () => {
    expect(draw(80, 30)).toContain('lteModem · cable pulled · no carrier');
  });

  test('shows the last switches with rule, outage and what was lost', () => {
    expect(draw(100, 30)).toMatch(/03:04:05 IPv4 eth0 → wlan0 +usable +1\.2 ms, 1 lost +eth0 lost its carrier/u);
  });

  test('shows blamed targets and problems', () => {
    expect(draw(80, 30)).toContain('tcp://1.1.1.1:53 is blamed');
    expect(draw(80, 30)).toContain('[uplink.pinUnreachable]');
  });

  test('API-2: shows what stands beside the uplinks: hotspot, tethers, budgets, battery', () => {
    const { hotspot, tethers, budgets, onBattery } = busy;
    const frame = render({ ...exampleStatus, hotspot, tethers, budgets, onBattery }, exampleExtra, 120, 40);
    expect(frame).toMatch(/hotspot +node "7" +active +2 of 10 clients · closes in 42s · eth0 is reachable again/u);
    expect(frame).toMatch(/tether +enx0a1b2c3d4e5f +validating +it is probed/u);
    expect(frame).toMatch(/budget +enx0a1b2c3d4e5f +90 % +922 MB of 1024 MB/u);
    expect(frame).toMatch(/battery +in use/u);
  });

  test('says plainly when a bridge stands in the place of the radio, and when the hotspot was switched on', () => {
    const onBridge: HotspotStatus = { ...hotspot, placement: 'bridge', mode: 'on', ssid: 'a\u001b[31mb' };
    const frame = render({ ...exampleStatus, hotspot: onBridge }, exampleExtra, 140, 40);
    expect(frame).toContain('a bridge in the place of a radio');
    expect(frame).toContain('active, on by command');
    // oxlint-disable-next-line no-control-regex -- it is what is looked for
    expect(frame).not.toMatch(/\u001b\[31mb/u);
  });

  test('keeps the figures of every uplink on 80 columns and 24 rows', () => {
    const frame = draw(80, 24);
    for (const name of ['eth0', 'wlan0', 'wwan0']) expect(frame).toMatch(new RegExp(`\\d [ ▸]+${name} .*\\d`, 'u'));
  });

  test('fills the screen exactly: that many lines, none too wide, whatever the size', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 250 }),
        fc.integer({ min: 1, max: 80 }),
        fc.boolean(),
        fc.boolean(),
        (width, height, hasColour, hasStatus) => {
          const status = { ...exampleStatus, hotspot, tethers: busy.tethers, budgets: busy.budgets };
          const frame = render(hasStatus ? status : null, { ...exampleExtra, hasColour }, width, height);
          const lines = frame.replaceAll(escapes, '').split('\n');
          expect(lines).toHaveLength(height);
          expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(width);
        },
      ),
    );
  });

  test('is the same text with colours and without', () => {
    const colour = draw(100, 30, { ...exampleExtra, hasColour: true });
    const trimmed = colour
      .replaceAll(escapes, '')
      .split('\n')
      .map((line) => line.trimEnd());
    expect(colour).toMatch(escapes);
    expect(trimmed.join('\n')).toBe(draw(100, 30));
  });

  test('lets no control character of a name through to the terminal', () => {
    const faults = new Map([['wwan0', 'evil\u001B[2Jname']]);
    expect(draw(80, 30, { ...exampleExtra, faults })).not.toContain('\u001B');
  });

  test('says so when nobody answers, with the last status still there', () => {
    expect(draw(80, 30, { ...exampleExtra, isConnected: false })).toContain('daemon gone, the kernel goes on');
    expect(render(null, { ...exampleExtra, isConnected: false }, 80, 24)).toContain('No daemon answers.');
  });
});
