import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { hasPowerSupplies, readOnBattery } from '../../../../src/adapters/power/power-supplies.ts';
import { subsystemOf } from '../../../../src/adapters/power/uevent.codec.ts';

type Supplies = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** A /sys with these power supplies. */
function sysfs(supplies: Supplies): string {
  const root = mkdtempSync(join(tmpdir(), 'backhauld-power-'));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  for (const [name, attributes] of Object.entries(supplies)) {
    const directory = join(root, 'class/power_supply', name);
    mkdirSync(directory, { recursive: true });
    for (const [attribute, value] of Object.entries(attributes))
      writeFileSync(join(directory, attribute), `${value}\n`);
  }
  return root;
}

const mains = (online: string) => ({ type: 'Mains', online });
const battery = (status?: string) => ({ type: 'Battery', present: '1', ...(status === undefined ? {} : { status }) });

const cases: readonly (readonly [what: string, supplies: Supplies, onBattery: boolean | null])[] = [
  ['no power supply', {}, null],
  ['mains alone: there is no battery', { AC: mains('0') }, null],
  ['a laptop on mains', { AC: mains('1'), BAT0: battery('Charging') }, false],
  ['a laptop on battery', { AC: mains('0'), BAT0: battery('Discharging') }, true],
  ['a battery that discharges beside a charger', { AC: mains('1'), BAT0: battery('Discharging') }, false],
  ['one of two batteries in use', { AC: mains('0'), BAT0: battery('Full'), BAT1: battery('Discharging') }, true],
  ['a board that is charged by USB', { usb: { type: 'USB', online: '1' }, bat: battery('Charging') }, false],
  ['a charger at another voltage', { usb: { type: 'USB', online: '2' }, bat: battery('Unknown') }, false],
  ['a battery without a word on mains', { bat: battery('Discharging') }, true],
  ['a full battery without a word on mains', { bat: battery('Full') }, false],
  ['a battery that says nothing', { bat: battery() }, null],
  ['a battery that does not know', { bat: battery('Unknown') }, null],
  ['a battery that does not know, and mains that are off', { AC: mains('0'), bat: battery('Unknown') }, true],
  ['a UPS on its battery', { ups: { type: 'UPS', status: 'Discharging', online: '0' } }, true],
  ['a UPS on mains', { ups: { type: 'UPS', status: 'Charging', online: '1' } }, false],
  ['a mouse', { mouse: { type: 'Battery', scope: 'Device', status: 'Discharging' } }, null],
  ['an empty bay', { AC: mains('0'), BAT1: { type: 'Battery', present: '0' } }, null],
];

test.each(cases)('TETH-6: %s', (_, supplies, onBattery) => {
  expect(readOnBattery(sysfs(supplies))).toBe(onBattery);
});

test('TETH-6: a machine without power supplies has none to follow', () => {
  expect(hasPowerSupplies(sysfs({}))).toBe(false);
  expect(hasPowerSupplies(sysfs({ AC: mains('1') }))).toBe(true);
});

test.each([
  [
    'change@/devices/x/power_supply/BAT0\0ACTION=change\0SUBSYSTEM=power_supply\0POWER_SUPPLY_ONLINE=0\0',
    'power_supply',
  ],
  ['add@/devices/usb1\0ACTION=add\0SUBSYSTEM=usb\0', 'usb'],
  ['libudev\0\xFE\xED\xCA\xFE SUBSYSTEM=power_supply\0', null],
  ['', null],
  ['change@/x\0NO=SUBSYSTEM=power_supply', null],
])('TETH-6: of the announcement %j the subsystem is %s', (text, subsystem) => {
  expect(subsystemOf(Buffer.from(text, 'latin1'))).toBe(subsystem);
});
