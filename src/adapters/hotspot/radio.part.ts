import type { Problem } from '../../model/errors.ts';
import type { InterfacePart, RadioPart } from '../../model/hotspot-parts.ts';
import type { KernelState } from '../../model/kernel.ts';
import { run } from '../process/run.ts';
import { linkState } from './link-state.ts';
import { parseCountry, parseInterface, parsePhy } from './iw.codec.ts';
import { patience, toolProblem, type PartMaker } from './part-maker.ts';
import { missing } from './service.ts';
import {
  findStationManager,
  giveBack,
  hideFromNetworkManager,
  takeFrom,
  type StationManager,
} from './station-manager.ts';

const iw = async (...args: readonly string[]) => run('iw', args, { timeout: patience });

/** The kernel asks its database for the rules of a country: so often it is looked at, this long apart. */
const countryLooks = 20;
const countryWait = 100;

/**
 * Whether a radio may be an access point on this channel.
 *
 * @param isFinal the rules that hold are those of the country
 */
export async function checkChannel(
  phy: string,
  channel: number,
  country: string,
  isFinal: boolean,
): Promise<Problem | null> {
  const info = await iw('phy', phy, 'info');
  if (!info.ok) return info.code === 'tool.missing' ? missing('iw') : toolProblem('iw', `reading ${phy}`, info);
  const { supportsAccessPoint, channels } = parsePhy(info.stdout);
  if (!supportsAccessPoint) {
    return { code: 'hotspot.noAccessPointMode', subject: phy, message: 'this radio cannot be an access point' };
  }
  const found = channels.get(channel);
  const forbidden = (why: string): Problem => ({
    code: 'hotspot.channelForbidden',
    subject: `channel ${channel} of ${phy}`,
    message: why,
    remedy: 'set hotspot.channel to one that `iw phy` shows without a remark: 1, 6 and 11 nearly everywhere',
  });
  if (found === undefined) return forbidden('this radio has no such channel');
  if (found.needsRadarDetection) return forbidden(`in ${country} it must be listened to for radar first`);
  if (!isFinal) return null;
  if (found.isDisabled) return forbidden(`it is forbidden in ${country}`);
  return found.isPassive ? forbidden(`in ${country} nobody may begin to send there`) : null;
}

/** What is to be known before a radio is taken. */
interface Findings {
  readonly country: string | null;
  readonly manager: StationManager;
}

/** The radio: its country, and whoever uses it as a station. */
export function createRadio(state: () => KernelState | null): PartMaker<'radio'> & {
  checkOn(part: RadioPart, channel: number): Promise<Problem | null>;
} {
  /** What was found when it was looked whether the radio can be taken: taking it is the next thing to be done. */
  let findings: Findings | null = null;

  const countryOf = async ({ phy }: RadioPart): Promise<string | null> => {
    const result = await iw('reg', 'get');
    return result.ok ? parseCountry(result.stdout, phy) : null;
  };

  async function find(part: RadioPart): Promise<Findings> {
    const [country, manager] = await Promise.all([
      countryOf(part),
      part.isTaken ? findStationManager(part.interface) : noManager,
    ]);
    return { country, manager };
  }

  async function setCountry(part: RadioPart, signal: AbortSignal): Promise<void> {
    await iw('reg', 'set', part.country);
    for (let look = 0; look < countryLooks && !signal.aborted; look += 1) {
      // The answer comes when it comes; nobody tells of it but another program that would have to be started.
      // oxlint-disable-next-line no-await-in-loop
      if ((await countryOf(part)) === part.country) return;
      // oxlint-disable-next-line no-await-in-loop
      await new Promise((resolve) => setTimeout(resolve, countryWait));
    }
  }

  return {
    async checkOn(part, channel) {
      const { interface: name, phy, country, isTaken } = part;
      if (country === '') return noCountry;
      const [found, shown] = await Promise.all([find(part), isTaken ? iw('dev', name, 'info') : null]);
      findings = found;
      const problem = await checkChannel(phy, channel, country, found.country === country);
      if (problem !== null) return problem;
      const isOther = shown?.ok === true && parseInterface(shown.stdout)?.type === 'AP';
      if (isOther) return busy(name, 'another access point (hostapd)');
      return found.manager.kind === 'stubborn' ? busy(name, found.manager.program) : null;
    },
    async before(part) {
      const { interface: name, isTaken } = part;
      findings ??= await find(part);
      const { country, manager } = findings;
      if (!isTaken) return { country: country ?? '' };
      return {
        country: country ?? '',
        link: await linkState(name, state()),
        manager: manager.kind,
        ...(manager.kind === 'wpaSupplicant' ? { control: manager.control } : {}),
      };
    },
    async start(part, signal) {
      const { country, manager } = findings ?? (await find(part));
      findings = null;
      if (country !== part.country) await setCountry(part, signal);
      if (!part.isTaken) return null;
      return (await takeFrom(manager, part.interface)) ? null : busy(part.interface, manager.kind);
    },
    async stop(part, before) {
      const { interface: name, country, isTaken } = part;
      if (isTaken) await becomeStation(name, before['link'] ?? '');
      const isBack = !isTaken || (await giveBack(managerOf(before), name));
      const former = before['country'] ?? '';
      if (/^[A-Z\d]{2}$/u.test(former) && former !== country) await iw('reg', 'set', former);
      return isBack ? null : notGivenBack(name, before['manager'] ?? '');
    },
  };
}

/** An access point that was killed leaves its interface as it was. One that has gone needs nothing. */
async function becomeStation(name: string, link: string): Promise<void> {
  const shown = await iw('dev', name, 'info');
  if (!shown.ok) return;
  if (parseInterface(shown.stdout)?.type === 'AP') {
    await run('ip', ['link', 'set', 'dev', name, 'down'], { timeout: patience });
    await iw('dev', name, 'set', 'type', 'managed');
  }
  if (link !== '') await run('ip', ['link', 'set', 'dev', name, link], { timeout: patience });
}

function managerOf({ manager, control = '' }: Readonly<Record<string, string>>): StationManager {
  if (manager === 'networkManager') return { kind: 'networkManager' };
  return manager === 'wpaSupplicant' ? { kind: 'wpaSupplicant', control } : { kind: 'none' };
}

/** A second interface of the radio. */
export function createBeside(): PartMaker<'interface'> {
  const remove = async ({ interface: name }: InterfacePart): Promise<Problem | null> => {
    const result = await iw('dev', name, 'del');
    return result.ok || /No such device|nl80211 not found/u.test(result.stderr)
      ? null
      : toolProblem('iw', `removing ${name}`, result);
  };
  return {
    async start(part) {
      const { interface: name, radio, phy } = part;
      const shown = await iw('dev', radio, 'info');
      const address = shown.ok ? (parseInterface(shown.stdout)?.macAddress ?? null) : null;
      // One of a former run would have the settings of that run.
      await remove(part);
      const own = address === null ? [] : ['addr', besideAddress(address)];
      const made = await iw('phy', phy, 'interface', 'add', name, 'type', '__ap', ...own);
      if (!made.ok) return toolProblem('iw', `making ${name} beside ${radio}`, made);
      await hideFromNetworkManager(name);
      return null;
    },
    stop: remove,
  };
}

/** Another address, locally administered (IEEE 802, 8.2): two interfaces with the same one would answer for each other. */
export function besideAddress(address: string): string {
  const bytes = address.split(':').map((byte) => Number.parseInt(byte, 16));
  const [first = 0] = bytes;
  const isLocal = (first & 2) !== 0;
  const changed = bytes.map((byte, position) => {
    if (!isLocal) return position === 0 ? byte | 2 : byte;
    return position === bytes.length - 1 ? byte ^ 0x80 : byte;
  });
  return changed.map((byte) => byte.toString(16).padStart(2, '0')).join(':');
}

const noManager: StationManager = { kind: 'none' };

const noCountry: Problem = {
  code: 'hotspot.noCountry',
  subject: 'hotspot.country',
  message: 'no country is configured, and what a radio may do depends on it',
  remedy: 'set hotspot.country to where the node is: country = "DE"',
};

const busy = (name: string, program: string): Problem => ({
  code: 'hotspot.radioBusy',
  subject: name,
  message: `the radio is used by ${program}, which cannot be asked to leave it`,
  remedy:
    program === 'wpa_supplicant'
      ? 'start it with a control interface: ctrl_interface=/run/wpa_supplicant'
      : 'stop it, or name another radio',
});

const notGivenBack = (name: string, manager: string): Problem => ({
  code: 'hotspot.radioBusy',
  subject: name,
  message: `${manager === 'networkManager' ? 'NetworkManager' : 'wpa_supplicant'} does not take the radio back`,
  remedy: manager === 'networkManager' ? `nmcli device set ${name} managed yes` : `wpa_cli -i ${name} reconnect`,
});
