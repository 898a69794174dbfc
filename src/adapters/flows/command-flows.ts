import type { EndedFlows, FlowSelection, FlowTarget } from '../../effects/ports.ts';
import type { Problem } from '../../model/errors.ts';
import { run, type ProcessResult } from '../process/run.ts';
import { endOfConnection, parseConnections } from './conntrack-command.codec.ts';
import { ownSockets } from './own-sockets.ts';
import { endOfSockets, parseSockets } from './ss.codec.ts';

/** For one call, in milliseconds. */
const patience = 5000;
/** Sockets ended by one call of ss: its filter must fit in the arguments of a process. */
const socketsPerCall = 200;
/** A node with a hundred thousand flows writes some megabytes. */
const maxBuffer = 64 * 1024 * 1024;

/** Ends flows by `ss -K` and `conntrack -D`; what is not installed is a problem, and the rest goes on. */
export function createCommandFlows(): FlowTarget {
  return {
    async end(selection) {
      const problems: Problem[] = [];
      const tcp = await endSockets('tcp', selection, problems);
      const udp = await endSockets('udp', selection, problems);
      const forwarded = await endConnections(selection, problems);
      return { tcp, udp, forwarded, problems } satisfies EndedFlows;
    },
  };
}

async function endSockets(transport: 'tcp' | 'udp', selection: FlowSelection, problems: Problem[]): Promise<number> {
  const flags = [`--${transport}`, '--numeric', '--extended', '--no-header', '--oneline'];
  const listed = await run('ss', [...flags, 'state', 'connected', 'exclude', 'time-wait'], {
    timeout: patience,
    maxBuffer,
  });
  if (!listed.ok) {
    problems.push(cannotEnd('ss', `${transport.toUpperCase()} sockets`, listed));
    return 0;
  }
  const own = ownSockets();
  const stranded = parseSockets(listed.stdout).filter(
    (socket) => !own.has(socket.inode) && selection.isStrandedSocket(socket),
  );
  let count = 0;
  for (let at = 0; at < stranded.length; at += socketsPerCall) {
    const some = stranded.slice(at, at + socketsPerCall);
    // One after the other: they are processes.
    // oxlint-disable-next-line no-await-in-loop
    const ended = await run('ss', ['--kill', ...flags, ...endOfSockets(some)], { timeout: patience, maxBuffer });
    if (!ended.ok) {
      problems.push(cannotEnd('ss', `${transport.toUpperCase()} sockets`, ended));
      break;
    }
    count += some.length;
  }
  return count;
}

async function endConnections(selection: FlowSelection, problems: Problem[]): Promise<number> {
  const family = ['--family', selection.family];
  const listed = await run('conntrack', ['--dump', ...family, '--output', 'id'], { timeout: patience, maxBuffer });
  if (!listed.ok) {
    problems.push(cannotEnd('conntrack', 'connections of forwarded clients', listed));
    return 0;
  }
  let count = 0;
  for (const connection of parseConnections(listed.stdout).filter((one) => selection.isStrandedConnection(one))) {
    // oxlint-disable-next-line no-await-in-loop
    const ended = await run('conntrack', ['--delete', ...family, ...endOfConnection(connection)], {
      timeout: patience,
    });
    // One that is gone already ends with exit code 1, too.
    if (ended.ok) count += 1;
  }
  return count;
}

const cannotEnd = (tool: string, what: string, { code, message }: Extract<ProcessResult, { ok: false }>): Problem => ({
  code: code === 'tool.missing' ? code : 'flows.notEnded',
  subject: tool,
  message: `${what} of a dead uplink are not ended (${message}); programs wait for their own time-outs`,
  remedy: tool === 'ss' ? 'install iproute2' : 'install conntrack',
});
