import type { Config } from '../../model/config.ts';
import { findStationManager, type StationManager } from '../hotspot/station-manager.ts';
import { fine, trouble, warning, type Finding } from './finding.ts';
import type { KernelView, Surroundings } from './surroundings.ts';

/** The radio that the hotspot is to have, and who uses it. Nothing is looked at where no hotspot is configured. */
export async function checkRadio(
  { proc }: Pick<Surroundings, 'proc'>,
  { hotspot }: Pick<Config, 'hotspot'>,
  view: KernelView | null,
  managerOf: (name: string, proc: string) => Promise<StationManager> = findStationManager,
): Promise<readonly Finding[]> {
  if (!hotspot.enabled || view === null) return [];
  const { interface: name, country } = hotspot;
  const check = `radio ${name}`;
  const link = [...view.state.links.values()].find((each) => each.name === name);
  if (link === undefined) {
    const remedy = 'name one that `iw dev` lists in hotspot.interface';
    return [trouble('hotspot.noRadio', check, `there is no interface called ${name}`, remedy)];
  }
  if (link.kind === 'bridge') return [fine(check, `${name} is a bridge, in the place of a radio`)];
  return [
    country === null
      ? trouble('hotspot.noCountry', 'country', 'none is configured: nothing may be sent', 'set hotspot.country')
      : fine('country', `${country}, by the configuration`),
    usedBy(check, name, await managerOf(name, proc)),
  ];
}

function usedBy(check: string, name: string, manager: StationManager): Finding {
  switch (manager.kind) {
    case 'none':
      return fine(check, `no other program uses ${name}`);
    case 'networkManager':
      return fine(check, `NetworkManager uses ${name}; it is asked to leave it while the hotspot has it`);
    case 'wpaSupplicant':
      return fine(check, `wpa_supplicant uses ${name}; it is told to disconnect while the hotspot has it`);
    case 'stubborn':
      return warning(
        check,
        `${manager.program} uses ${name}, and cannot be asked to leave it`,
        manager.program === 'wpa_supplicant'
          ? 'give it a ctrl_interface'
          : `have ${manager.program} leave ${name} alone`,
      );
    default:
      return manager satisfies never;
  }
}
