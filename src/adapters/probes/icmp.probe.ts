import { randomBytes } from 'node:crypto';
import type { Attempt, TargetOf } from './probe-attempt.ts';

/** One echo request with eight random bytes, which only who saw them can return: 36 bytes of IPv4 each way, 56 of IPv6. */
export const probeIcmp: Attempt<TargetOf<'icmp'>> = (sockets, path, target, settle) => {
  const random = randomBytes(12);
  const echo = {
    identifier: random.readUInt16BE(0),
    sequence: random.readUInt16BE(2),
    token: random.subarray(4),
  };
  return sockets.echo(path, target.address, echo, (outcome) => {
    settle(outcome.ok ? { ...outcome, retransmitted: false } : outcome);
  });
};
