import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { programsNamed as programs } from '../process/programs.ts';
import { textAt } from '../files/readings.ts';
import { run } from '../process/run.ts';
import { patience } from './part-maker.ts';

/** The program that uses a radio as a station, and how it is asked to leave it alone. */
export type StationManager =
  | { readonly kind: 'none' }
  | { readonly kind: 'networkManager' }
  /** `control`: the directory of its control socket. */
  | { readonly kind: 'wpaSupplicant'; readonly control: string }
  /** Nobody can ask it. */
  | { readonly kind: 'stubborn'; readonly program: string };

/** Finds out who uses the radio. Changes nothing. */
export async function findStationManager(interfaceName: string, proc = '/proc'): Promise<StationManager> {
  if (programs('NetworkManager', proc).length > 0 && (await isManaged(interfaceName))) {
    return { kind: 'networkManager' };
  }
  if (programs('iwd', proc).length > 0) return { kind: 'stubborn', program: 'iwd' };
  const supplicants = programs('wpa_supplicant', proc);
  for (const control of new Set([...supplicants.flatMap(controlsOf), ...usualControls])) {
    // To ask where there is no socket costs a process for nothing.
    if (!existsSync(join(control, interfaceName))) continue;
    // One after the other: the first that answers is it.
    // oxlint-disable-next-line no-await-in-loop
    const answer = await run('wpa_cli', ['-p', control, '-i', interfaceName, 'ping'], { timeout: patience });
    if (answer.ok && answer.stdout.includes('PONG')) return { kind: 'wpaSupplicant', control };
  }
  const isNamed = supplicants.some(
    (words) => words.includes(`-i${interfaceName}`) || words[words.indexOf('-i') + 1] === interfaceName,
  );
  return isNamed ? { kind: 'stubborn', program: 'wpa_supplicant' } : { kind: 'none' };
}

/** Has it leave the radio alone. True when it does. */
export async function takeFrom(manager: StationManager, interfaceName: string): Promise<boolean> {
  switch (manager.kind) {
    case 'none':
      return true;
    case 'networkManager':
      return setManaged(interfaceName, false);
    case 'wpaSupplicant':
      return tell(manager.control, interfaceName, 'disconnect');
    case 'stubborn':
      return false;
    default:
      return manager satisfies never;
  }
}

/** Gives the radio back. True when it has been taken again, or nobody wants it. */
export async function giveBack(manager: StationManager, interfaceName: string): Promise<boolean> {
  switch (manager.kind) {
    case 'networkManager':
      return setManaged(interfaceName, true);
    case 'wpaSupplicant':
      return tell(manager.control, interfaceName, 'reconnect');
    case 'none':
    case 'stubborn':
      return true;
    default:
      return manager satisfies never;
  }
}

/** NetworkManager would take a new interface for one of its own. */
export async function hideFromNetworkManager(interfaceName: string, proc = '/proc'): Promise<void> {
  if (programs('NetworkManager', proc).length > 0) await setManaged(interfaceName, false);
}

const usualControls: readonly string[] = ['/run/wpa_supplicant', '/var/run/wpa_supplicant'];

async function isManaged(interfaceName: string): Promise<boolean> {
  const args = ['-t', '-f', 'GENERAL.STATE', 'device', 'show', interfaceName];
  const result = await run('nmcli', args, { timeout: patience });
  return result.ok && !/:10 /u.test(result.stdout);
}

async function setManaged(interfaceName: string, isOwn: boolean): Promise<boolean> {
  const args = ['device', 'set', interfaceName, 'managed', isOwn ? 'yes' : 'no'];
  return (await run('nmcli', args, { timeout: patience })).ok;
}

async function tell(control: string, interfaceName: string, command: string): Promise<boolean> {
  const result = await run('wpa_cli', ['-p', control, '-i', interfaceName, command], { timeout: patience });
  return result.ok && /^OK$/mu.test(result.stdout);
}

/** Where a wpa_supplicant with these arguments has its control sockets: by `-C`, or by its configuration. */
function controlsOf(words: readonly string[]): readonly string[] {
  const option = (letter: string): string | undefined => {
    const at = words.indexOf(`-${letter}`);
    return at >= 0 ? words[at + 1] : words.find((word) => word.startsWith(`-${letter}/`))?.slice(2);
  };
  const config = option('c');
  const written = config === undefined ? '' : (textAt(config) ?? '');
  const inConfig = /^\s*ctrl_interface=(?:DIR=)?(\/\S+)/mu.exec(written)?.[1];
  return [option('C'), inConfig].flatMap((one) => (one?.startsWith('/') === true ? [one] : []));
}
