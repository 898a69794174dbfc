import { randomInt } from 'node:crypto';
import { failureOf } from '../sockets/socket-failures.ts';
import type { Reply } from '../sockets/uplink-sockets.ts';
import { encodeDnsQuery, judgeDnsReply, type DnsReply } from './dns.codec.ts';
import type { Attempt, TargetOf } from './probe-attempt.ts';

const meanings: Readonly<Record<DnsReply, (target: TargetOf<'dns'>) => Reply>> = {
  foreign: () => 'foreign',
  answer: () => 'answer',
  malformed: ({ address }) => failureOf('badAnswer', `${address}: the answer is cut or malformed`),
  refused: ({ address, name }) => failureOf('badAnswer', `${address}: the server does not answer for ${name}`),
};

/** Asks for a name's address. That the name does not exist is an answer too: it is the way that is measured. */
export const probeDns: Attempt<TargetOf<'dns'>> = (sockets, path, target, settle) => {
  const question = { id: randomInt(0x1_0000), name: target.name };
  return sockets.exchange(
    path,
    target,
    encodeDnsQuery(question),
    (reply) => meanings[judgeDnsReply(reply, question)](target),
    (outcome) => {
      settle(outcome.ok ? { ...outcome, retransmitted: false } : outcome);
    },
  );
};
