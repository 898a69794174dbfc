import { expect, test } from 'vitest';
import { plain } from '../../../src/commands/text/printable.ts';
import { renderTethers } from '../../../src/commands/text/tether.text.ts';
import type { TetherStatus } from '../../../src/model/tether.ts';

const now = new Date('2030-01-02T12:00:00.000Z');
const ready: TetherStatus = {
  iface: 'usb0',
  type: 'usbTether',
  state: 'ready',
  since: '2030-01-02T11:58:30.000Z',
  because: 'it has answered from beyond',
  identity: 'usb serial R58M12ABCDE',
  driver: 'rndis_host',
  managedBy: 'backhauld',
  retryInMs: null,
  problem: null,
};

test('TETH-1: tethers are listed with the device, the state, what it waits for, and why one failed', () => {
  const failed: TetherStatus = {
    ...ready,
    iface: 'eth0\u001b',
    state: 'failed',
    because: 'nothing answers beyond eth0',
    identity: 'usb port 1-1',
    driver: null,
    managedBy: null,
    retryInMs: 9000,
    problem: {
      code: 'tether.notValidated',
      subject: 'eth0',
      message: 'nothing answers beyond eth0',
      remedy: 'it is tried again',
    },
  };
  expect(
    renderTethers([ready, failed], now, plain)
      .split('\n')
      .map((line) => line.trimEnd()),
  ).toEqual([
    'INTERFACE  DEVICE                  DRIVER      STATE                SINCE   LEASE BY',
    'usb0       usb serial R58M12ABCDE  rndis_host  ready                1m 30s  backhauld  it has answered from beyond',
    'eth0?      usb port 1-1            -           failed, again in 9s  1m 30s  -',
    '',
    '! nothing answers beyond eth0; it is tried again [tether.notValidated]',
  ]);
});

test('TETH-1: no tether is said in words', () => {
  expect(renderTethers([], now, plain)).toBe('no phone is plugged in, or connected by Bluetooth');
});
