import { setTimeout as wait } from 'node:timers/promises';
import { Daemon } from '../lab/daemon.ts';
import type { Lab, LabOptions } from '../lab/lab.ts';
import type { Meter } from '../lab/meter.ts';
import { compile } from '../lab/native.ts';
import { families } from '../src/model/family.ts';

/** Somebody who keeps the lab's node online, while it runs. */
export interface Running {
  /** What happens to it right before the fault. */
  readonly beforeFault?: () => Promise<void>;
  /** Makes it whole again after the measurement. */
  readonly afterFault?: () => Promise<void>;
  /** Resolves when it is ready for the next fault, as far as it can be asked. */
  readonly ready: (meter: Meter) => Promise<void>;
  /** In which order it would use its uplinks, for whoever can tell. */
  readonly ranking?: () => Promise<string>;
  /** Its processes; their children need not be named. */
  readonly pids?: readonly number[];
  readonly end: () => Promise<void>;
}

export interface Contender {
  readonly name: string;
  readonly lab?: LabOptions;
  /** At most so many runs, for one that takes its time. */
  readonly mostRuns?: number;
  /** Why it cannot run here; null when it can. */
  readonly missing: () => Promise<string | null>;
  readonly start: (lab: Lab) => Promise<Running>;
}

const configFile = (name: string): string => new URL(`${name}.toml`, import.meta.url).pathname;
export const config = configFile('node');
const whole = async () => null;

interface Variant {
  /** `stopped`: it has SIGSTOP when the fault comes; `killed`: it has SIGKILL. */
  readonly treatment?: 'running' | 'stopped' | 'killed';
  readonly profile?: 'default' | 'fast';
  /** It holds the leases itself; otherwise other DHCP clients do. */
  readonly holdsLeases?: boolean;
}

/** backhauld with its defaults, or with `profile = "fast"`. */
export const backhauld = ({
  treatment = 'running',
  profile = 'default',
  holdsLeases = false,
}: Variant = {}): Contender => ({
  name:
    { running: 'backhauld', stopped: 'backhauld, SIGSTOP', killed: 'backhauld, SIGKILL' }[treatment] +
    (profile === 'fast' ? ', fast' : '') +
    (holdsLeases ? ', holding the leases' : ''),
  ...(holdsLeases ? { lab: { dhcp: 'none' } } : {}),
  missing: whole,
  async start(lab) {
    const daemon = new Daemon(lab, {
      config: holdsLeases ? configFile('leases') : profile === 'fast' ? configFile('fast') : config,
    });
    await daemon.start();
    const faults = {
      running: {},
      stopped: {
        beforeFault: async () => daemon.signal('SIGSTOP'),
        afterFault: async () => daemon.signal('SIGCONT'),
      },
      killed: {
        beforeFault: () => daemon.kill(),
        afterFault: async () => {
          await daemon.start();
        },
      },
    }[treatment];
    return {
      ...faults,
      ready: (meter) => isReady(daemon, meter),
      ranking: () => rankingOf(daemon),
      pids: [daemon.pid],
      end: async () => void (await daemon.stop()),
    };
  },
});

/** What it would use first, and what it thinks of each, per family. */
async function rankingOf(daemon: Daemon): Promise<string> {
  const { ranking, interfaces } = await daemon.status();
  const byScore = families.map((family) =>
    interfaces
      .filter(({ usable }) => usable[family])
      .toSorted((a, b) => b.scores[family].total - a.scores[family].total || a.name.localeCompare(b.name))
      .map(({ name }) => name),
  );
  return JSON.stringify([ranking, byScore]);
}

/** Every uplink answers, the traffic goes where the daemon says, and nothing is left to be done. */
export async function isReady(daemon: Daemon, meter: Meter): Promise<void> {
  const deadline = performance.now() + 60_000;
  for (;;) {
    const [{ active, interfaces }, plan, report] = await Promise.all([daemon.status(), daemon.plan(), meter.peek()]);
    const isAnswering = interfaces.every(({ verdict: { ipv4 } }) => ipv4 === 'healthy' || ipv4 === 'degraded');
    const isFlowing = report.silentMs >= 0 && report.silentMs < 5 && active.ipv4?.iface === report.uplink;
    if (isAnswering && isFlowing && plan.length === 0) return;
    if (performance.now() > deadline) {
      const verdicts = interfaces.map(({ name, verdict }) => `${name} ${verdict.ipv4}`).join(', ');
      throw new Error(
        `not ready within 60 s: ${verdicts}; active ${active.ipv4?.iface}, traffic by ${report.uplink}; ${plan.length} operations are planned`,
      );
    }
    await wait(100);
  }
}

const nothingToAsk = async (): Promise<void> => undefined;

/** The floor: one C process that knows everything beforehand and does nothing else. */
export const perfectProgram: Contender = {
  name: 'perfect C program',
  missing: async () => ((await compile('perfect')) === null ? 'no gcc' : null),
  async start(lab) {
    const program = await compile('perfect');
    const service = lab.node.spawn(
      program ?? '',
      lab.uplinks.flatMap(({ name, gateway }) => [name, gateway]),
    );
    await service.line((line) => line === 'ready');
    return { ready: nothingToAsk, end: async () => void (await service.end()) };
  },
};

/** The kernel by itself, with the rules and the ranked table made by hand and nobody to look after them. */
export const kernelAlone: Contender = {
  name: 'kernel alone, ranked by hand',
  missing: whole,
  async start({ node, uplinks }) {
    await node.sysctl(...uplinks.map(({ name }) => `net.ipv4.conf.${name}.ignore_routes_with_linkdown=1`));
    await node.ip(
      ...uplinks.map(
        ({ name, gateway }, rank) => `route add default via ${gateway} dev ${name} table 200 metric ${rank + 1}`,
      ),
      'rule add lookup main suppress_prefixlength 0 priority 1100',
      'rule add lookup 200 priority 1200',
    );
    return { ready: nothingToAsk, end: nothingToAsk };
  },
};

/** What another manager's DHCP clients leave in the main table, and nobody at all. */
export const nobody: Contender = {
  name: 'nobody (DHCP routes only)',
  missing: whole,
  start: async () => ({ ready: nothingToAsk, end: nothingToAsk }),
};
