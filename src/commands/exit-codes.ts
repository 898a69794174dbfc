import type { ErrorCode } from '../model/errors.ts';

/** What the command ends with. */
export const exitCodes = {
  ok: 0,
  failure: 1,
  /** A mistake in the command line or in the configuration. */
  usage: 2,
  /** A privilege or a tool is missing. */
  missing: 3,
  /** No daemon answers. */
  notRunning: 4,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

const { failure, usage, missing, notRunning } = exitCodes;

/** The one table from error to exit code. */
const byError: Readonly<Record<ErrorCode, ExitCode>> = {
  'config.syntax': usage,
  'config.invalid': usage,
  'config.unreadable': usage,
  'usage.invalid': usage,
  'privilege.missing': missing,
  'tool.missing': missing,
  'control.notRunning': notRunning,
  'control.inUse': failure,
  'control.protocol': failure,
  'kernel.unreadable': failure,
  'kernel.refused': failure,
  'kernel.featureMissing': failure,
  'kernel.busy': failure,
  'kernel.vanished': failure,
  'kernel.conflict': failure,
  'netlink.overflow': failure,
  'tool.failed': failure,
  'tool.timeout': failure,
  'routing.tablesExhausted': failure,
  'routing.priorityTaken': failure,
  'routing.tableTaken': failure,
  'routing.gaveUp': failure,
  'uplink.duplicateAddress': failure,
  'uplink.gatewayOutsideSubnet': failure,
  'uplink.managedElsewhere': failure,
  'uplink.reservedName': failure,
  'uplink.pinUnreachable': failure,
  'uplink.captivePortal': failure,
  'probe.targetBlamed': failure,
  'probe.notPermitted': failure,
  'probe.unresolved': failure,
  'probe.privateAddress': failure,
  'state.damaged': failure,
  'state.unwritable': failure,
  'recording.unwritable': failure,
  'recording.unreadable': failure,
  'recording.version': failure,
  'recording.damaged': failure,
  'recording.cut': failure,
  'actor.failed': failure,
  'sysfs.foreign': failure,
  'flows.notEnded': failure,
  'dns.conflict': failure,
  'dns.unknown': failure,
  'dns.invalid': failure,
  'hotspot.noRadio': failure,
  'hotspot.noAccessPointMode': failure,
  'hotspot.radioBusy': failure,
  'hotspot.noCountry': usage,
  'hotspot.channelForbidden': usage,
  'hotspot.portTaken': failure,
  'hotspot.noSubnet': failure,
  'hotspot.toolTooOld': missing,
  'hotspot.serviceFailed': failure,
  'hotspot.notEnabled': failure,
  'hotspot.tokenRefused': failure,
  'qos.unavailable': failure,
  'lease.none': failure,
  'lease.invalid': failure,
  'lease.conflict': failure,
  'tether.notValidated': failure,
  'tether.notConnected': failure,
  'budget.nearLimit': failure,
  'budget.exhausted': failure,
  'budget.unknown': failure,
  'modem.unavailable': failure,
};

export const exitCodeOf = (code: ErrorCode): ExitCode => byError[code];
