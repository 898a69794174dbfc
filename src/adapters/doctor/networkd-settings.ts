import { join } from 'node:path';

import { namesIn, textAt } from '../files/readings.ts';
import type { Surroundings } from './surroundings.ts';

/** Settings of systemd-networkd that make it delete what others installed; both default to yes (networkd.conf(5)). */
export const foreignSettings = ['ManageForeignRoutingPolicyRules', 'ManageForeignRoutes'] as const;

export type ForeignSetting = (typeof foreignSettings)[number];

/**
 * Reads `[Network]` of networkd.conf and its drop-ins as systemd does (systemd.syntax(7), "drop-in"): a file name in
 * /etc hides the same in /run and /usr/lib; drop-ins count in the order of their names, the last word wins, and all come
 * after the main file.
 */
export function readForeignSettings(surroundings: Surroundings): Readonly<Record<ForeignSetting, boolean>> {
  const found = { ManageForeignRoutingPolicyRules: true, ManageForeignRoutes: true };
  for (const text of configurationTexts(surroundings)) {
    for (const [name, value] of networkSection(text)) {
      const setting = foreignSettings.find((each) => each === name);
      if (setting !== undefined) found[setting] = !/^(?:no|n|false|f|off|0)$/iu.test(value);
    }
  }
  return found;
}

function configurationTexts({ etc, run, usr }: Surroundings): readonly string[] {
  const folders = [
    join(etc, 'systemd'),
    join(run, 'systemd'),
    join(usr, 'local/lib/systemd'),
    join(usr, 'lib/systemd'),
  ];
  const main = folders.map((folder) => textAt(folder, 'networkd.conf')).find((text) => text !== null);
  const dropIns = new Map<string, string>();
  for (const folder of folders) {
    for (const name of namesIn(folder, 'networkd.conf.d')) {
      if (name.endsWith('.conf') && !dropIns.has(name))
        dropIns.set(name, textAt(folder, 'networkd.conf.d', name) ?? '');
    }
  }
  const sorted = [...dropIns].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, text]) => text);
  return [main ?? '', ...sorted];
}

function networkSection(text: string): readonly (readonly [name: string, value: string])[] {
  const settings: [string, string][] = [];
  let section = '';
  for (const line of text.split('\n').map((each) => each.trim())) {
    const header = /^\[(.+)\]$/u.exec(line);
    const pair = /^([^=#;]+)=(.*)$/u.exec(line);
    if (header !== null) section = header[1] ?? '';
    else if (pair !== null && section === 'Network') settings.push([pair[1]?.trim() ?? '', pair[2]?.trim() ?? '']);
  }
  return settings;
}
