import { execFile } from 'node:child_process';
import type { MeterReport } from '../../../lab/meter.ts';
import type { Namespace } from '../../../lab/namespace.ts';
import { farHost } from '../../../lab/topology.ts';

/** What `ping` prints, however it ends. */
async function ping(from: Namespace, ...args: readonly string[]): Promise<string> {
  const words = ['netns', 'exec', from.name, 'ping', '-n', '-c', '1', '-W', '1', ...args];
  return new Promise((resolve) => {
    execFile('ip', words, (_error, stdout) => resolve(stdout));
  });
}

/** Whether anyone answers to one ping. `args` may name what it is bound to: `-I`, an interface or an address. */
export const answers = async (from: Namespace, ...args: readonly string[]): Promise<boolean> =>
  (await ping(from, ...args)).includes(' 1 received');

/**
 * The router a packet to the far host comes by, `hops` away: that is who says that its life ended there. Null where
 * nobody says so.
 */
export async function hop(
  from: Namespace,
  family: 'ipv4' | 'ipv6',
  { boundTo, hops = 1 }: { readonly boundTo?: string; readonly hops?: number } = {},
): Promise<string | null> {
  const bound = boundTo === undefined ? [] : ['-I', boundTo];
  const said = await ping(from, '-t', String(hops), ...bound, farHost[family]);
  return /^From (\S+?):? .*exceeded/mu.exec(said)?.[1] ?? null;
}

/** At most one packet in a thousand a second was lost, and those that the meter itself sent late, all at once. */
export const isCheap = ({ lost, ownDelayMs }: MeterReport): boolean => lost <= 1 + Math.ceil(ownDelayMs);
