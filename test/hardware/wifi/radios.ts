import { chmodSync, copyFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Namespace } from '../../../lab/namespace.ts';
import { run } from '../../../lab/process.ts';
import { loadModules, workFolder } from '../guest/machine.ts';
import { until } from '../guest/suite.ts';

/** Radios phy0, phy1 … with wlan0, wlan1 …, all within range of each other, where `country`'s rules hold. */
export async function createRadios(count: number, country: string): Promise<void> {
  await run('modprobe', ['mac80211_hwsim', `radios=${count}`]);
  await until(async () => (await run('ls', ['/sys/class/net'])).includes(`wlan${count - 1}`), 'the radios are there');
  await run('iw', ['reg', 'set', country]);
  const isSet = async (): Promise<boolean> => (await run('iw', ['reg', 'get'])).includes(`country ${country}`);
  await until(isSet, `the rules of ${country} hold`);
  // What access points and stations use for their keys; loaded by nobody's first frame.
  await loadModules('ccm', 'cmac', 'gcm');
}

/** A namespace with a whole radio in it, as if it were another machine. */
export async function machineWithRadio(name: string, radio: number): Promise<Namespace> {
  const namespace = await Namespace.create(name);
  await run('iw', ['phy', `phy${radio}`, 'set', 'netns', 'name', name]);
  return namespace;
}

export const linkOf = (radio: number): string => `wlan${radio}`;

/** In MHz. */
export const frequencyOf = (channel: number): number =>
  channel === 14 ? 2484 : channel < 14 ? 2407 + 5 * channel : 5000 + 5 * channel;

/**
 * From now on `iw` says of every radio that it can do one thing at a time, as many can. The emulated driver knows no
 * such radio.
 */
export async function hideCombinations(): Promise<void> {
  const real = (await run('sh', ['-c', 'command -v iw'])).trim();
  const copy = join(workFolder, 'iw-itself');
  copyFileSync(real, copy);
  chmodSync(copy, 0o755);
  const wrapper = join(workFolder, 'iw');
  const hide = String.raw`/valid interface combinations:/,/^\t[A-Z]/{/^\t[A-Z]/!d}`;
  writeFileSync(wrapper, `#!/bin/bash\nset -o pipefail\n${copy} "$@" | sed '${hide}'\n`);
  chmodSync(wrapper, 0o755);
  await run('mount', ['--bind', wrapper, real]);
}
