import type { Server, Socket } from 'node:net';

export interface ConnectionLimits {
  /** Of one address: one more is closed at once. */
  readonly perClient: number;
  /** Of all: with one more, the one that has lasted longest is closed. Whoever asks and reads is done long before. */
  readonly total: number;
}

/**
 * Bounds the connections of a server, so that no client keeps the others out: neither by many connections, nor, where it
 * may have as many addresses as it likes (IPv6), by one of each.
 */
export function limitConnections(server: Server, { perClient, total }: ConnectionLimits): void {
  /** In the order in which they came. */
  const open = new Map<Socket, string>();
  server.on('connection', (socket: Socket) => {
    const client = socket.remoteAddress ?? '';
    const own = [...open.values()].filter((one) => one === client).length;
    if (own >= perClient) {
      socket.destroy();
      return;
    }
    open.set(socket, client);
    socket.once('close', () => open.delete(socket));
    const [oldest] = open.keys();
    if (open.size <= total || oldest === undefined) return;
    open.delete(oldest);
    oldest.destroy();
  });
}
