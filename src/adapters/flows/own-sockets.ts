import { linkAt, namesIn } from '../files/readings.ts';

const descriptors = '/proc/self/fd';

/** The inodes of the sockets of this process: its probes are among them. */
export function ownSockets(): ReadonlySet<number> {
  const inodes = new Set<number>();
  for (const descriptor of namesIn(descriptors)) {
    const inode = /^socket:\[(\d+)\]$/u.exec(linkAt(descriptors, descriptor) ?? '')?.[1];
    if (inode !== undefined) inodes.add(Number(inode));
  }
  return inodes;
}
