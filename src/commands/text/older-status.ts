import type { InterfaceStatus, Status } from '../../model/status.ts';

const absent: Omit<Status, 'active' | 'ranking' | 'interfaces'> = {
  challenges: { ipv4: null, ipv6: null },
  pinned: null,
  blamedTargets: [],
  departures: [],
  problems: [],
  hotspot: null,
  tethers: [],
  budgets: [],
  onBattery: null,
};

const absentOfInterface = { notCandidateBecause: null, holdDown: null, usage: null, modem: null } as const;

/**
 * A status in which nothing is missing. A daemon that was started before an update goes on in its older version, and does
 * not tell what that does not know: it is shown as what is not there.
 */
export const completed = (told: Status): Status => ({
  ...absent,
  ...told,
  interfaces: told.interfaces.map((each): InterfaceStatus => ({ ...absentOfInterface, ...each })),
});
