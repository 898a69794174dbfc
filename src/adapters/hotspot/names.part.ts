import { hostname } from 'node:os';
import type { Problem } from '../../model/errors.ts';
import type { NamesPart } from '../../model/hotspot-parts.ts';
import { run } from '../process/run.ts';
import type { Supervised } from '../process/supervised.ts';
import { dnsmasqFiles, namesFiles } from './dnsmasq.config.ts';
import { countLeases, isStarted, parseDnsmasqVersion, tellsOfClients } from './dnsmasq.lines.ts';
import { patience, type PartMaker } from './part-maker.ts';
import type { RuntimeFiles } from './runtime-files.ts';
import { lastWords, missing, startService, stopService } from './service.ts';
import { tooOld } from './tool-version.ts';
import { listenerOn } from './sockets-in-use.ts';

const startTimeout = 5000;
/** Older ones cannot read `servers-file` anew. */
const leastVersion = [2, 80] as const;
/** Nobody tells of leases that have run out. */
const countEvery = 30_000;

export interface NamesOptions {
  readonly files: RuntimeFiles;
  readonly ended: (problem: Problem) => void;
  readonly clients: (count: number) => void;
}

/** dnsmasq. */
export function createNames({ files, ended, clients }: NamesOptions): PartMaker<'names'> {
  let service: Supervised | null = null;
  let counting: NodeJS.Timeout | undefined;
  /** Asked once: it does not become older. */
  let isNewEnough = false;
  const places = {
    hosts: files.pathOf('hosts'),
    servers: files.pathOf('servers'),
    leases: files.pathOf('leases'),
  };
  const count = (): void => clients(countLeases(files.read('leases'), Date.now() / 1000));
  const halt = async (): Promise<void> => {
    const running = service;
    service = null;
    clearInterval(counting);
    await stopService(running);
  };

  async function checkVersion(): Promise<Problem | null> {
    if (isNewEnough) return null;
    const result = await run('dnsmasq', ['--version'], { timeout: patience });
    if (!result.ok && result.code === 'tool.missing') return missing('dnsmasq');
    const version = parseDnsmasqVersion(result.stdout);
    const problem = tooOld('dnsmasq', version, leastVersion);
    isNewEnough = problem === null;
    return problem;
  }

  return {
    prepare: checkVersion,
    async check({ address }) {
      const problem = await checkVersion();
      if (problem !== null) return problem;
      const other = listenerOn(53, address.ipv4 ?? '');
      return other === null ? null : portTaken(`${other.protocol} port 53`, other.program);
    },
    async start(part, signal) {
      const made = dnsmasqFiles(part, places, hostname());
      const unwritten =
        files.write('hosts', made.hosts) ??
        files.write('servers', made.servers) ??
        files.write('dnsmasq.conf', made.config);
      if (unwritten !== null) return unwritten;
      const started = await startService({
        program: 'dnsmasq',
        args: ['--keep-in-foreground', `--conf-file=${files.pathOf('dnsmasq.conf')}`],
        capabilities: ['net_admin', 'net_raw', 'net_bind_service'],
        isReady: isStarted,
        onLine(line) {
          if (part.countsClients && tellsOfClients(line)) count();
        },
        onEnd(problem) {
          service = null;
          clearInterval(counting);
          ended(problem);
        },
        explain: (exit) => explained(part, lastWords(exit, [])),
        timeout: startTimeout,
        signal,
      });
      if ('code' in started) return started;
      service = started;
      if (part.countsClients) {
        counting = setInterval(count, countEvery);
        counting.unref();
        count();
      }
      return null;
    },
    async change(_, to) {
      const made = namesFiles(to, hostname());
      const unwritten = files.write('hosts', made.hosts) ?? files.write('servers', made.servers);
      service?.signal('SIGHUP');
      return unwritten;
    },
    async stop() {
      await halt();
      files.remove('dnsmasq.conf', 'hosts', 'servers', 'leases');
      return null;
    },
  };
}

export const portTaken = (port: string, program: string | null): Problem => ({
  code: 'hotspot.portTaken',
  subject: port,
  message: `${program ?? 'another program'} listens on it, on every address of this machine`,
  remedy: `have it listen on its own addresses only, or stop it`,
});

function explained({ interface: name }: NamesPart, words: string): Problem {
  const port = /port (\d+): Address already in use/u.exec(words)?.[1] ?? (/DHCP.*in use/u.test(words) ? '67' : null);
  if (port !== null) return portTaken(`port ${port}`, null);
  return { code: 'hotspot.serviceFailed', subject: 'dnsmasq', message: `dnsmasq on ${name} ${words}` };
}
