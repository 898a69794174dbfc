import { lstat } from 'node:fs/promises';
import { connect } from 'node:net';

/**
 * What stands at the path of a control socket. `answers`: somebody listens; `stale`: a socket nobody listens on;
 * `none`: nothing; `foreign`: a file that is no socket; `denied`: this user may not look.
 */
export type SocketState = 'answers' | 'stale' | 'none' | 'foreign' | 'denied';

/** Looks at a control socket without changing it. */
export async function socketStateAt(path: string): Promise<SocketState> {
  try {
    // The kernel refuses a connection to a plain file as it does to a stale socket (unix_find_bsd in net/unix): only
    // the type of the file tells them apart.
    if (!(await lstat(path)).isSocket()) return 'foreign';
  } catch (error) {
    const code = codeOf(error);
    return code === 'EACCES' || code === 'EPERM' ? 'denied' : 'none';
  }
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.destroy();
      resolve('answers');
    });
    socket.once('error', (error) => resolve(stateOf(codeOf(error))));
  });
}

function stateOf(code: string | undefined): SocketState {
  if (code === 'ENOENT') return 'none';
  if (code === 'ECONNREFUSED') return 'stale';
  if (code === 'EACCES' || code === 'EPERM') return 'denied';
  // EAGAIN: the queue of its listener is full. Whatever else it is, somebody may be there.
  return 'answers';
}

/** The code of a system error (`ENOENT`); undefined for anything else. */
export const codeOf = (error: unknown): string | undefined =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
