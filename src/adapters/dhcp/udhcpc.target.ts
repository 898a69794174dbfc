import { getuid } from 'node:process';
import { setTimeout as wait } from 'node:timers/promises';
import type { DhcpClient, DhcpNews, DhcpRequest, DhcpTarget } from '../../effects/ports.ts';
import type { Problem } from '../../model/errors.ts';
import { startSupervised, type Supervised, type SupervisedExit } from '../process/supervised.ts';
import { parseHookLine, parseLease } from './lease.codec.ts';
import { findOtherManager } from './other-manager.ts';
import { findUdhcpc, type FoundProgram, type UdhcpcProgram } from './udhcpc.program.ts';

/** How long the telling of a server that an address is free may take, in milliseconds. Nobody answers it. */
const releasePatience = 300;

/** Options that are asked for, besides what every answer has. */
const asked = ['subnet', 'router', 'dns', 'mtu', 'staticroutes'] as const;

/**
 * Runs udhcpc, one for each interface. Its script only prints (`udhcpc-hook.sh`), so that neither routes nor resolv.conf
 * are touched.
 *
 * It sends its MAC address as the client identifier, as all do, and neither a host name nor what program it is: those are
 * nobody's business in a strange network (RFC 7844). It is not told to release what it has when it ends (-R), for a client
 * that is replaced must not give up the address that is in use.
 *
 * It is not started where another program holds the lease: two clients on one link take the lease from each other.
 */
export function createUdhcpcTarget(
  find: () => Promise<FoundProgram> = findUdhcpc,
  findOther: typeof findOtherManager = findOtherManager,
): DhcpTarget {
  let found: Promise<FoundProgram> | null = null;
  const program = async (): Promise<FoundProgram> => {
    const its = await (found ??= find());
    // It may be installed meanwhile.
    if (!its.ok) found = null;
    return its;
  };
  return {
    start(request, onNews) {
      const client = new UdhcpcClient(request, onNews, findOther);
      void program().then((its) => client.run(its));
      return client;
    },
  };
}

class UdhcpcClient implements DhcpClient {
  readonly #request: DhcpRequest;
  readonly #onNews: (news: DhcpNews) => void;
  readonly #findOther: typeof findOtherManager;
  #process: Supervised | null = null;
  #isStopped = false;
  #announceEmpty: () => void = () => undefined;

  constructor(request: DhcpRequest, onNews: (news: DhcpNews) => void, findOther: typeof findOtherManager) {
    this.#request = request;
    this.#onNews = onNews;
    this.#findOther = findOther;
  }

  run(found: FoundProgram): void {
    if (this.#isStopped) return;
    if (!found.ok) {
      this.#tell({ type: 'ended', problem: found.problem });
      return;
    }
    const other = this.#findOther(this.#request, found.program.hook);
    if (other !== null) {
      this.#tell({ type: 'managed', problem: managedBy(other, this.#request.name) });
      return;
    }
    const { file, leading } = found.program;
    this.#process = startSupervised(file, [...leading, ...argumentsFor(this.#request, found.program)], {
      onLine: (line) => this.#hear(line),
      onExit: (exit) => this.#tell({ type: 'ended', problem: endingOf(this.#request.name, exit) }),
      // Raw packets, and the port of DHCP clients. Root's programs lie where only root may look.
      ...(getuid?.() === 0 ? { capabilities: ['net_raw', 'net_bind_service', 'dac_read_search'] } : {}),
    });
  }

  renew(): void {
    this.#process?.signal('SIGUSR1');
  }

  async stop(release: boolean): Promise<void> {
    this.#isStopped = true;
    const running = this.#process;
    if (running === null) return;
    if (release) {
      const isEmpty = new Promise<void>((resolve) => {
        this.#announceEmpty = resolve;
      });
      running.signal('SIGUSR2');
      await Promise.race([isEmpty, wait(releasePatience)]);
    }
    await running.stop();
  }

  #hear(text: string): void {
    const line = parseHookLine(text);
    if (line === null) return;
    const { event, values } = line;
    if (event === 'deconfig') this.#announceEmpty();
    if (event === 'bound' || event === 'renew') {
      const parsed = parseLease(this.#request.name, values);
      const { ok } = parsed;
      this.#tell(
        ok
          ? { type: 'granted', lease: parsed.lease, leftOut: parsed.leftOut }
          : { type: 'unusable', problem: parsed.problem },
      );
    } else if (event === 'nak') this.#tell({ type: 'refused' });
    else if (event === 'deconfig') this.#tell({ type: 'empty' });
  }

  #tell(news: DhcpNews): void {
    if (!this.#isStopped) this.#onNews(news);
  }
}

/** Brisk at first, then three seconds of silence: a server that comes up is found within these. */
const argumentsFor = ({ name, wanted }: DhcpRequest, { hook }: UdhcpcProgram): readonly string[] => [
  '-f',
  '-i',
  name,
  '-s',
  hook,
  '-V',
  '',
  '-o',
  ...asked.flatMap((option) => ['-O', option]),
  '-t',
  '5',
  '-T',
  '1',
  '-A',
  '3',
  ...(wanted === null ? [] : ['-r', wanted]),
];

const managedBy = (program: string, name: string): Problem => ({
  code: 'uplink.managedElsewhere',
  subject: name,
  message: `${program} manages ${name}`,
  remedy: 'its address is used as it is; take the interface out of its hands to have backhauld hold the lease',
});

function endingOf(name: string, { code, signal, lastWords }: SupervisedExit): Problem {
  const said = lastWords.findLast((line) => !line.startsWith('backhauld-dhcp;')) ?? '';
  const how = code === null ? `by ${signal ?? 'itself'}` : `with ${code}`;
  return {
    code: 'tool.failed',
    subject: name,
    message: `the DHCP client of ${name} ended ${how}${said === '' ? '' : `: ${said.replaceAll(/[^\x20-\x7E]/gu, '?')}`}`,
  };
}
