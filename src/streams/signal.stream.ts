import { Observable } from 'rxjs';
import type { NodeEvent, Signal } from '../model/events.ts';
import { families, type Family } from '../model/family.ts';
import { neighbourKey, type KernelChange } from '../model/kernel.ts';
import type { NetworkIntent } from '../model/network.ts';
import { instant } from '../model/units.ts';
import { isEvidence } from './link-index.ts';
import type { Clock, KernelSource } from './ports.ts';

export type SignalEvent = Extract<NodeEvent, { type: 'uplink.suspected' }>;

export interface SignalSources {
  readonly kernel: KernelSource;
  /** What is wanted of the network: it names the uplinks and the gateways in use. The latest is replayed on subscription. */
  readonly network$: Observable<NetworkIntent>;
  readonly clock: Clock;
}

/** Uplinks in use: who stands behind a neighbour entry, and which uplink has a way out for which family. */
interface Uplinks {
  readonly gateways: ReadonlyMap<string, readonly Family[]>;
  readonly paths: ReadonlySet<string>;
}

/**
 * Tells the passive signs of trouble that the kernel gives without a byte on the wire (HLTH-6): the neighbour entry of
 * a gateway in use fails, an address or a foreign default route of an uplink goes. Each at most once a batch, and only for
 * uplinks that have a way out for the family. A route or address that is replaced by its like in the same batch is no loss.
 */
export const signalEvents = ({ kernel, network$, clock }: SignalSources): Observable<SignalEvent> =>
  new Observable((subscriber) => {
    let uplinks = uplinksOf({ uplinks: [], ranking: { ipv4: [], ipv6: [] } });
    subscriber.add(
      network$.subscribe((network) => {
        uplinks = uplinksOf(network);
      }),
    );
    subscriber.add(
      kernel.subscribe((changes) => {
        const at = instant(clock.now());
        for (const { index, family, signal } of signalsIn(changes, uplinks)) {
          subscriber.next({ type: 'uplink.suspected', at, index, family, signal });
        }
      }),
    );
  });

function uplinksOf(network: NetworkIntent): Uplinks {
  const gateways = new Map<string, Family[]>();
  const paths = new Set<string>();
  for (const { index, paths: ways } of network.uplinks) {
    for (const family of families) {
      const way = ways[family];
      if (way === null) continue;
      paths.add(`${index} ${family}`);
      if (way.gateway === null) continue;
      const key = neighbourKey({ linkIndex: index, address: way.gateway });
      gateways.set(key, [...(gateways.get(key) ?? []), family]);
    }
  }
  return { gateways, paths };
}

interface Finding {
  readonly index: number;
  readonly family: Family;
  readonly signal: Signal;
}

function signalsIn(changes: readonly KernelChange[], uplinks: Uplinks): Iterable<Finding> {
  const findings = new Map<string, Finding>();
  const gone = new Map<string, Finding>();
  const find = (finding: Finding): void => {
    const { index, family, signal } = finding;
    if (uplinks.paths.has(`${index} ${family}`)) findings.set(`${index} ${family} ${signal}`, finding);
  };
  const came = (key: string): void => void gone.delete(key);
  for (const change of changes) {
    const { object, before, after } = change;
    if (object === 'neighbour' && after?.state === 'failed' && before?.state !== 'failed') {
      for (const family of uplinks.gateways.get(neighbourKey(after)) ?? []) {
        find({ index: after.linkIndex, family, signal: 'neighbourFailed' });
      }
    } else if (object === 'address') {
      const one = after ?? before;
      if (one === null || one.scope !== 'global') continue;
      const key = neighbourKey(one);
      if (after === null) gone.set(key, { index: one.linkIndex, family: one.family, signal: 'addressLost' });
      else came(key);
    } else if (object === 'route') {
      const one = after ?? before;
      if (one === null || one.linkIndex === null || !isEvidence(one)) continue;
      const key = `${one.family} ${one.linkIndex} via ${one.gateway ?? '-'}`;
      if (after === null) gone.set(key, { index: one.linkIndex, family: one.family, signal: 'defaultRouteLost' });
      else came(key);
    }
  }
  for (const finding of gone.values()) find(finding);
  return findings.values();
}
