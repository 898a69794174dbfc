/** Wires what becomes of flows when their uplink is left: sockets, tracked connections, MPTCP. */
import { createFlowTarget } from '../adapters/flows/flow-target.ts';
import type { Log } from '../adapters/log/log.ts';
import { openPathManager } from '../adapters/mptcp/path-manager.ts';
import { FlowEndings, type EndingReport } from '../effects/flows/flow-endings.ts';
import { followUplinks } from '../effects/flows/mptcp-endpoints.ts';
import type { Config } from '../model/config.ts';
import type { Problem } from '../model/errors.ts';
import type { NodeIntent } from '../model/events.ts';
import type { KernelState } from '../model/kernel.ts';
import type { Instant } from '../model/units.ts';

export interface FlowFollowing {
  /** Takes what is wanted; what ends flows waits for the routes. */
  want(intent: NodeIntent): void;
  /** A route was changed: those who wait for it look again. */
  check(): void;
  /** The routes of an intent stand. */
  settled(intent: NodeIntent): void;
  close(): Promise<void>;
}

export interface FlowFollowingOptions {
  readonly config: Pick<Config, 'routing' | 'discovery'>;
  readonly stateDirectory: string;
  readonly kernel: { readonly state: KernelState };
  readonly log: Log;
  readonly now: () => Instant;
  readonly onProblem: (problem: Problem) => void;
}

export async function openFlowFollowing(options: FlowFollowingOptions): Promise<FlowFollowing> {
  const { config, stateDirectory, kernel, log, now, onProblem } = options;
  const { execute, monitorOnly } = config.routing;
  const endings = new FlowEndings({
    kernel,
    target: createFlowTarget(config.discovery.driver),
    routing: config.routing,
    now,
    onReport: (report) => tell(log, report),
    onProblem,
  });
  const manager = execute && !monitorOnly ? await openPathManager(stateDirectory, onProblem) : null;
  const told = new Set<string>();
  return {
    want: ({ stranded }) => endings.want(stranded),
    check: () => endings.check(),
    settled({ network }) {
      endings.check();
      if (manager === null) return;
      const before = manager.announced.join(', ');
      for (const problem of followUplinks(manager, network)) {
        if (!told.has(problem.message)) onProblem(problem);
        told.add(problem.message);
      }
      const after = manager.announced.join(', ');
      if (after !== before) {
        const entry = { component: 'audit', operation: 'mptcp.announce', target: after, before };
        log.info(entry, `MPTCP may use ${after === '' ? 'no address' : after}`);
      }
    },
    async close() {
      await endings.close();
      manager?.close();
    },
  };
}

function tell(log: Log, { flows: { name, family, because }, ended, took }: EndingReport): void {
  const change = { operation: 'flows.end', target: `${name} ${family}`, because };
  if (ended === null) {
    log.info(change, `flows of ${name} (${family}) would be ended: ${because}`);
    return;
  }
  const { tcp, udp, forwarded } = ended;
  const what = `${tcp} TCP and ${udp} UDP sockets, ${forwarded} forwarded connections`;
  log.info(
    { component: 'audit', ...change, tcp, udp, forwarded, tookMs: took },
    `ended of ${name} (${family}): ${what}`,
  );
}

/** Takes back what a former run has announced to MPTCP, without a daemon. */
export async function cleanUpFlows(stateDirectory: string, onProblem: (problem: Problem) => void): Promise<void> {
  const manager = await openPathManager(stateDirectory, onProblem);
  manager?.close();
}
