import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

export const path = (number: number): string => `/org/freedesktop/ModemManager1/Modem/${number}`;

/** What mmcli 1.20 prints of an LTE stick, shortened. */
export const stick = (overrides: object = {}): object => ({
  modem: {
    '3gpp': { 'operator-name': 'vodafone.de', 'registration-state': 'roaming', imei: '353338976168895' },
    'dbus-path': path(0),
    generic: {
      'access-technologies': ['lte'],
      drivers: ['option', 'qmi_wwan'],
      ports: ['cdc-wdm0 (qmi)', 'ttyUSB0 (ignored)', 'ttyUSB2 (at)', 'wwan0 (net)'],
      'primary-port': 'cdc-wdm0',
      'signal-quality': { recent: 'yes', value: '67' },
      state: 'connected',
      'state-failed-reason': '--',
      ...overrides,
    },
  },
});

/** A program in the place of mmcli. `answers`: what it prints, by its last argument; with none it fails as `failure` says. */
export function fakeMmcli(
  answers: Readonly<Record<string, string>>,
  failure = 'echo "error: couldn\'t find the ModemManager process in the bus" >&2; exit 1',
): { readonly file: string; readonly log: string } {
  const folder = mkdtempSync(join(tmpdir(), 'backhauld-mmcli-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, 'mmcli');
  const log = join(folder, 'asked');
  const cases = Object.entries(answers).map(([argument, answer], at) => {
    writeFileSync(join(folder, `answer-${at}`), answer);
    return `  '${argument}') cat '${folder}/answer-${at}' ;;`;
  });
  const script = ['#!/bin/sh', `echo "$#: $*" >>'${log}'`, 'case "$2" in', ...cases, `  *) ${failure} ;;`, 'esac', ''];
  writeFileSync(file, script.join('\n'));
  chmodSync(file, 0o755);
  return { file, log };
}
