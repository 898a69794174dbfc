import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { plain } from '../../../src/commands/text/printable.ts';
import { renderStatus } from '../../../src/commands/text/status.text.ts';
import { render } from '../../../src/commands/watch/render.ts';
import type { Status } from '../../../src/model/status.ts';
import { exampleExtra } from './watch/example-status.ts';

/** What `status --json` printed before there were challenges, modems and batteries. */
const recorded = new URL('../../golden/status-of-an-older-daemon.json', import.meta.url);
const older = JSON.parse(readFileSync(recorded, 'utf8')) as Status;
const now = new Date('2030-01-02T12:00:00.000Z');

test('API-2: the status of a daemon that was not restarted after an update is shown, without what it does not know', () => {
  expect(older.interfaces[0]).not.toHaveProperty('modem');
  const text = renderStatus(older, now, plain);
  expect(text).toMatch(/^IPv4 {4}eth0 {2}/mu);
  expect(text).toMatch(/^wlan0 is no candidate: it has no carrier$/mu);
  expect(text).not.toMatch(/undefined|NaN/u);
});

test('API-2: the live view shows it, too', () => {
  const frame = render(older, exampleExtra, 100, 40);
  expect(frame).toContain('eth0');
  expect(frame).not.toMatch(/undefined|NaN/u);
});
