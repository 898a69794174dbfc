import { readdirSync, readlinkSync } from 'node:fs';

/** The inodes of the sockets of this process: its probes are among them. */
export function ownSockets(): ReadonlySet<number> {
  const inodes = new Set<number>();
  for (const descriptor of readdirSync('/proc/self/fd')) {
    const inode = /^socket:\[(\d+)\]$/u.exec(linkOf(descriptor))?.[1];
    if (inode !== undefined) inodes.add(Number(inode));
  }
  return inodes;
}

function linkOf(descriptor: string): string {
  try {
    return readlinkSync(`/proc/self/fd/${descriptor}`);
  } catch {
    // It was the directory's own, which is closed by now.
    return '';
  }
}
