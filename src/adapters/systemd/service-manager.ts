import { type Libc, loadLibc, sockets } from '../libc/libc.ts';

/** Whoever started the daemon and wants to know how it does (sd_notify(3)). */
export interface ServiceManager {
  /** The first routes stand. From now on the watchdog, if there is one, is fed for as long as the event loop turns. */
  ready(): void;
  /** The network is being given back: the watchdog is no longer fed, and no longer bites. */
  stopping(): void;
}

const nobody: ServiceManager = { ready: () => undefined, stopping: () => undefined };

/** `struct sockaddr_un` holds no longer path. */
const longestPath = 107;

/**
 * Talks to systemd where it asked for it (`NOTIFY_SOCKET`, `WATCHDOG_USEC`, `WATCHDOG_PID`), by a datagram each time:
 * Node has no such sockets, and a `systemd-notify` a minute would cost more than the daemon itself. Without systemd, or
 * without FFI, nothing is said. A loop that is stuck feeds nobody: systemd ends the daemon, and the kernel's ranking
 * goes on serving.
 */
export async function openServiceManager(environment: NodeJS.ProcessEnv): Promise<ServiceManager> {
  const path = environment['NOTIFY_SOCKET'];
  if (path === undefined || !/^[/@]./u.test(path) || Buffer.byteLength(path) > longestPath) return nobody;
  const loaded = await loadLibc();
  if (!loaded.ok) return nobody;
  const say = speaker(loaded.libc, path);
  const interval = watchdogInterval(environment);
  let feeding: NodeJS.Timeout | undefined;
  return {
    ready() {
      say('READY=1');
      // Twice as often as it bites, as sd_watchdog_enabled(3) advises.
      if (interval !== null) feeding = setInterval(() => say('WATCHDOG=1'), interval / 2).unref();
    },
    stopping() {
      clearInterval(feeding);
      say('STOPPING=1');
    },
  };
}

/** Milliseconds; null where no watchdog waits for this process. */
function watchdogInterval({ WATCHDOG_USEC: microseconds, WATCHDOG_PID: pid }: NodeJS.ProcessEnv): number | null {
  const interval = Number(microseconds) / 1000;
  const isForUs = pid === undefined || Number(pid) === process.pid;
  return isForUs && interval >= 1 && interval < 2 ** 31 ? interval : null;
}

function speaker(libc: Libc, path: string): (message: string) => void {
  const address = Buffer.concat([
    Buffer.from(Uint16Array.of(sockets.AF_UNIX).buffer),
    // In the abstract namespace a name begins with a zero, which is written as @.
    Buffer.from(path.replace(/^@/u, '\0')),
  ]);
  return (message) => {
    const fd = libc.socket(sockets.AF_UNIX, sockets.SOCK_DGRAM, 0);
    if (fd < 0) return;
    libc.sendTo(fd, Buffer.from(message), sockets.MSG_NOSIGNAL, address);
    libc.close(fd);
  };
}
