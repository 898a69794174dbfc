import type { Attempt, TargetOf } from './probe-attempt.ts';

/**
 * Opens a connection and resets it: SYN, SYN/ACK, RST, 172 bytes of IPv4 and 232 of IPv6 (with one ACK more where
 * sockets are bound by source address only).
 *
 * A RST for an answer is an answer: the peer is there, and the way to it and back is open, which is all that is asked.
 */
export const probeTcp: Attempt<TargetOf<'tcp'>> = (sockets, path, target, settle) =>
  sockets.connect(path, target, (outcome) => {
    if (outcome.ok) settle({ ok: true, rtt: outcome.rtt, retransmitted: outcome.retransmitted });
    else if ('rtt' in outcome) settle({ ok: true, rtt: outcome.rtt, retransmitted: false });
    else settle(outcome);
  });
