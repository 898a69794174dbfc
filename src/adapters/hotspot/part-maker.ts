import type { Problem } from '../../model/errors.ts';
import type { HotspotPartKind, HotspotPartOf, HotspotRecord } from '../../model/hotspot-parts.ts';
import type { ProcessResult } from '../process/run.ts';

/** Makes one kind of part of the hotspot. What is left out is not needed for it. Nothing rejects. */
export interface PartMaker<Kind extends HotspotPartKind> {
  /** Finds out, while there is time, what `check` would have to find out once. */
  prepare?(): Promise<unknown>;
  check?(part: HotspotPartOf<Kind>): Promise<Problem | null>;
  before?(part: HotspotPartOf<Kind>): Promise<HotspotRecord['before']>;
  start(part: HotspotPartOf<Kind>, signal: AbortSignal): Promise<Problem | null>;
  change?(from: HotspotPartOf<Kind>, to: HotspotPartOf<Kind>): Promise<Problem | null>;
  stop(part: HotspotPartOf<Kind>, before: HotspotRecord['before']): Promise<Problem | null>;
  isMissing?(part: HotspotPartOf<Kind>): Promise<boolean>;
}

/** For one call of a tool, in milliseconds. */
export const patience = 5000;

/** What a tool that failed means: its own words are told, for no secret is ever among its arguments. */
export function toolProblem(tool: string, doing: string, result: Extract<ProcessResult, { ok: false }>): Problem {
  const words = (result.stderr.trim() || result.stdout.trim()).split('\n').at(-1)?.slice(0, 200) ?? '';
  return {
    code: result.code,
    subject: tool,
    message: `${doing} failed: ${words === '' ? result.message : words}`,
    ...(result.code === 'tool.missing' ? { remedy: `install it: apt-get install ${packageOf[tool] ?? tool}` } : {}),
  };
}

const packageOf: Readonly<Record<string, string>> = {
  ip: 'iproute2',
  nft: 'nftables',
  dnsmasq: 'dnsmasq-base',
  hostapd_cli: 'hostapd',
  wpa_cli: 'wpasupplicant',
  nmcli: 'network-manager',
};
