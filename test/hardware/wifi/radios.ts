import { Namespace } from '../../../lab/namespace.ts';
import { run } from '../../../lab/process.ts';
import { loadModules } from '../guest/machine.ts';
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
