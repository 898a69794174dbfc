import type { Problem } from '../../model/errors.ts';
import type { Target } from '../../model/probe.ts';
import type { Prober, ProbeOutcome, ProbeRequest } from '../../streams/ports.ts';
import { loadLibc } from '../libc/libc.ts';
import { whyNoDeviceSockets } from '../sockets/device-socket.ts';
import { deviceSockets } from '../sockets/device-sockets.ts';
import { sourceSockets } from '../sockets/source-sockets.ts';
import { failureOf } from '../sockets/socket-failures.ts';
import type { End, UplinkPath, UplinkSockets } from '../sockets/uplink-sockets.ts';
import { probeDns } from './dns.probe.ts';
import { probeHttp } from './http.probe.ts';
import { probeIcmp } from './icmp.probe.ts';
import { NameResolver, type NameResolverOptions } from './name-resolver.ts';
import { probeTcp } from './tcp.probe.ts';

/** A prober that says how it holds its probes to their uplinks. */
export interface BoundProber extends Prober {
  /** `device`: bound to the interface by the kernel. `source`: by source address; right while the node's rules stand. */
  readonly binding: 'device' | 'source';
  /** Why it is not `device`; null when it is, or when `source` was asked for. */
  readonly restriction: Problem | null;
  /** The interface is gone, and with it what was wrong with its name servers. */
  forget(index: number): void;
}

export interface ProberOptions {
  readonly mode: 'auto' | 'device' | 'source';
  /** How targets that are names are resolved; without it they never are. */
  readonly names?: NameResolverOptions;
}

export type ProberResult =
  | { readonly ok: true; readonly prober: BoundProber }
  | { readonly ok: false; readonly problem: Problem };

/**
 * Creates the prober. `auto` takes the device binding where native code and kernel allow it, else the source address;
 * `device` fails where they do not.
 */
export async function createProber({ mode, names }: ProberOptions): Promise<ProberResult> {
  const proberOf = (sockets: UplinkSockets, restriction: Problem | null): BoundProber =>
    boundProber(sockets, restriction, names === undefined ? null : new NameResolver(sockets, names));
  if (mode === 'source') return { ok: true, prober: proberOf(sourceSockets, null) };
  const loaded = await loadLibc();
  const why = loaded.ok ? whyNoDeviceSockets(loaded.libc) : loaded.problem.message;
  if (loaded.ok && why === null) return { ok: true, prober: proberOf(deviceSockets(loaded.libc), null) };
  const problem: Problem = {
    code: 'probe.notPermitted',
    message: `Probes cannot be bound to interfaces: ${why}`,
    remedy: 'they are bound to source addresses, without ICMP; install koffi with its native code for this machine',
  };
  return mode === 'device' ? { ok: false, problem } : { ok: true, prober: proberOf(sourceSockets, problem) };
}

const boundProber = (sockets: UplinkSockets, restriction: Problem | null, names: NameResolver | null): BoundProber => ({
  binding: sockets.binding,
  restriction,
  forget: (index) => names?.forget(index),
  probe: (request, signal) => runProbe(sockets, names, request, signal),
});

/**
 * One probe from start to end. Whatever ends it first (answer, error, time-out, the signal), it is taken down in one
 * place, so that no descriptor, timer or listener outlives it.
 */
function runProbe(
  sockets: UplinkSockets,
  names: NameResolver | null,
  request: ProbeRequest,
  signal: AbortSignal,
): Promise<ProbeOutcome> {
  const { target, timeout } = request;
  const { promise, resolve } = Promise.withResolvers<ProbeOutcome>();
  const path: UplinkPath = { family: target.family, interface: request.interface, source: request.source };
  let isSettled = false;
  let isResolving = false;
  let end: End | null = null;
  const settle = (outcome: ProbeOutcome): void => {
    if (isSettled) return;
    isSettled = true;
    clearTimeout(timer);
    signal.removeEventListener('abort', onAbort);
    end?.();
    resolve(outcome);
  };
  const onAbort = (): void => {
    settle(failureOf('timeout', `${target.text}: ended before an answer came`));
  };
  const timer = setTimeout(() => {
    const silence = failureOf('timeout', `${target.text}: no answer within ${timeout} ms`);
    settle(isResolving ? (names?.noteSilence(path, target.host ?? '') ?? silence) : silence);
  }, timeout);
  signal.addEventListener('abort', onAbort);
  if (signal.aborted) {
    onAbort();
    return promise;
  }
  const begin = (started: End): void => {
    // It may have failed at once, before there was something to end.
    if (isSettled) started();
    else end = started;
  };
  if (target.host === undefined) {
    begin(start(sockets, path, target, settle));
    return promise;
  }
  if (names === null) {
    settle(failureOf('unresolved', `${target.text}: nobody is there to resolve names`));
    return promise;
  }
  isResolving = true;
  const resolving = names.resolve(path, target.host, (resolution) => {
    isResolving = false;
    if (isSettled) return;
    if (resolution.ok) begin(start(sockets, path, { ...target, address: resolution.address }, settle));
    else settle(resolution);
  });
  if (isResolving) begin(resolving);
  return promise;
}

function start(sockets: UplinkSockets, path: UplinkPath, target: Target, settle: (outcome: ProbeOutcome) => void): End {
  if (target.kind === 'tcp') return probeTcp(sockets, path, target, settle);
  if (target.kind === 'icmp') return probeIcmp(sockets, path, target, settle);
  if (target.kind === 'dns') return probeDns(sockets, path, target, settle);
  return probeHttp(sockets, path, target, settle);
}
