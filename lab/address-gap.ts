import type { Namespace } from './namespace.ts';

/**
 * Does something that takes the IPv4 address of an interface away, and resolves when there is one again: to how long there
 * was none, in milliseconds, as the kernel tells.
 */
export async function addressGap(node: Namespace, name: string, act: () => Promise<void>): Promise<number> {
  const monitor = node.spawn('ip', ['-ts', '-o', '-4', 'monitor', 'address', 'dev', name]);
  try {
    // It says nothing before the first change: that one is made here, again until it is heard.
    const heard = { sign: false };
    void monitor.line((line) => line.includes(sign)).then(() => (heard.sign = true));
    while (!heard.sign) await node.ip(`address add ${sign}/32 dev ${name}`, `address delete ${sign}/32 dev ${name}`);
    const isOther = (line: string): boolean => !line.includes(sign);
    const gone = monitor.line((line) => isOther(line) && line.includes('Deleted'));
    const back = monitor.line((line) => isOther(line) && !line.includes('Deleted'));
    await act();
    return timeOf(await back) - timeOf(await gone);
  } finally {
    await monitor.end();
  }
}

/** An address that is nobody's. */
const sign = '127.9.9.9';

/** `[2026-11-22T22:30:00.123456] …`, in milliseconds. */
function timeOf(line: string): number {
  const [, seconds, fraction] = /^\[([^\].]+)\.(\d{6})\]/u.exec(line) ?? [];
  return Date.parse(`${seconds}Z`) + Number(fraction) / 1000;
}
