/**
 * Every error has a stable code, what was found, what was expected and what to do. docs/errors.md documents each code;
 * a test compares the two lists.
 */
export const errorCodes = [
  'config.syntax',
  'config.invalid',
  'config.unreadable',
  'usage.invalid',
  'kernel.unreadable',
  'kernel.refused',
  'kernel.featureMissing',
  'kernel.busy',
  'kernel.vanished',
  'kernel.conflict',
  'netlink.overflow',
  'privilege.missing',
  'tool.missing',
  'tool.failed',
  'tool.timeout',
  'routing.tablesExhausted',
  'routing.priorityTaken',
  'routing.tableTaken',
  'routing.gaveUp',
  'uplink.duplicateAddress',
  'uplink.gatewayOutsideSubnet',
  'uplink.managedElsewhere',
  'uplink.reservedName',
  'uplink.pinUnreachable',
  'uplink.captivePortal',
  'probe.targetBlamed',
  'probe.notPermitted',
  'probe.unresolved',
  'probe.privateAddress',
  'control.inUse',
  'control.notRunning',
  'control.protocol',
  'state.damaged',
  'state.unwritable',
  'recording.unwritable',
  'recording.unreadable',
  'recording.version',
  'recording.damaged',
  'recording.cut',
  'actor.failed',
  'sysfs.foreign',
  'flows.notEnded',
  'dns.conflict',
  'dns.unknown',
  'dns.invalid',
  'hotspot.noRadio',
  'hotspot.noAccessPointMode',
  'hotspot.radioBusy',
  'hotspot.noCountry',
  'hotspot.channelForbidden',
  'hotspot.portTaken',
  'hotspot.noSubnet',
  'hotspot.toolTooOld',
  'hotspot.serviceFailed',
  'hotspot.notEnabled',
  'hotspot.tokenRefused',
  'qos.unavailable',
  'lease.none',
  'lease.invalid',
  'lease.conflict',
  'tether.notValidated',
  'tether.notConnected',
  'budget.nearLimit',
  'budget.exhausted',
  'budget.unknown',
  'modem.unavailable',
] as const;

export type ErrorCode = (typeof errorCodes)[number];

/** What went wrong, as plain data: it can be logged, sent and recorded. */
export interface Problem {
  readonly code: ErrorCode;
  /** One sentence that names the thing and what was found. */
  readonly message: string;
  /** What was expected, or what to do. */
  readonly remedy?: string;
  /** The object it is about: an interface's name, a rule, a file with line and column. */
  readonly subject?: string;
}

/** A `Problem` that is thrown: at the edges only (library calls, commands), never by state logic. */
export class BackhaulError extends Error {
  override readonly name = 'BackhaulError';
  readonly code: ErrorCode;
  readonly problems: readonly Problem[];

  constructor(first: Problem, ...others: readonly Problem[]) {
    super([first, ...others].map(describe).join('\n'));
    this.code = first.code;
    this.problems = [first, ...others];
  }
}

/** A problem as one line of text, which names what it is about once. */
export const describe = (problem: Problem): string =>
  `${subjectText(problem)}${problem.message}` +
  `${problem.remedy === undefined ? '' : `; ${problem.remedy}`} [${problem.code}]`;

const subjectText = ({ subject, message }: Problem): string =>
  // As a word of its own: `eth1` is not named by `eth10`.
  subject === undefined || message.split(/[,;:]?(?:\s|$)/u).includes(subject) ? '' : `${subject}: `;
