import { errnos } from '../../libc/libc.ts';
import { type Acknowledgement, decodeAcknowledgement } from '../codec/acknowledgement.codec.ts';
import {
  controlTypes,
  decodeMessages,
  encodeMessage,
  messageFlags,
  type NetlinkMessage,
} from '../codec/message.codec.ts';
import type { NetlinkSocket } from './netlink-socket.ts';

/** How often a dump that the kernel interrupted is begun anew before it counts as busy. */
const dumpAttempts = 5;

/**
 * Requests and their answers. The kernel works a request off while it is sent and its answer lies ready at once, so all of
 * this is synchronous. Answers to earlier requests (an interrupted dump's) are told by their sequence numbers.
 */
export class Requests {
  readonly #socket: NetlinkSocket;
  #sequence = 0;

  constructor(socket: NetlinkSocket) {
    this.#socket = socket;
  }

  /** One request and its acknowledgement. */
  change(type: number, flags: number, payload: Uint8Array): Acknowledgement {
    return this.#ask(type, messageFlags.ack | flags, payload, () => {});
  }

  /** One request that is answered with one message; undefined when the kernel refused it. */
  get<T>(type: number, payload: Uint8Array, decode: (message: NetlinkMessage) => T): T | undefined {
    let answer: T | undefined;
    const { errno } = this.#ask(type, messageFlags.ack, payload, (message) => {
      answer = decode(message);
    });
    return errno === 0 ? answer : undefined;
  }

  /** All objects of a kind, each decoded while its bytes are there. Begins anew when they changed meanwhile. */
  dump<T>(
    type: number,
    payload: Uint8Array,
    decode: (message: NetlinkMessage) => T | null,
  ): { readonly values: readonly T[] } | Acknowledgement {
    for (let attempt = 0; attempt < dumpAttempts; attempt++) {
      const values: T[] = [];
      let isInterrupted = false;
      const end = this.#ask(type, messageFlags.dump, payload, (message) => {
        isInterrupted ||= (message.flags & messageFlags.dumpInterrupted) !== 0;
        const value = decode(message);
        if (value !== null) values.push(value);
      });
      isInterrupted ||= end.errno === errnos.EINTR || end.errno === errnos.EBUSY || end.errno === errnos.ENOBUFS;
      if (isInterrupted) continue;
      return end.errno === 0 ? { values } : end;
    }
    return { errno: errnos.EBUSY, message: 'the kernel changed faster than it could be read' };
  }

  #ask(
    type: number,
    flags: number,
    payload: Uint8Array,
    onMessage: (message: NetlinkMessage) => void,
  ): Acknowledgement {
    this.#sequence = (this.#sequence % 0xffff_ffff) + 1;
    const sequence = this.#sequence;
    const error = this.#socket.send(encodeMessage({ type, flags: flags | messageFlags.request, sequence, payload }));
    if (error !== 0) return { errno: error, message: null };
    for (;;) {
      const reading = this.#socket.read();
      if (reading === 'empty') return { errno: errnos.EAGAIN, message: 'the kernel did not answer' };
      if (reading === 'lost') return { errno: errnos.ENOBUFS, message: 'an answer was lost' };
      if (!(reading instanceof Uint8Array)) return { errno: reading.errno, message: null };
      for (const message of decodeMessages(reading)) {
        if (message.sequence !== sequence) continue;
        const isDone = message.type === controlTypes.done;
        if (!isDone && message.type !== controlTypes.error) {
          onMessage(message);
          continue;
        }
        // The end of a dump says in its flags, too, that it was interrupted.
        if (isDone && (message.flags & messageFlags.dumpInterrupted) !== 0) {
          return { errno: errnos.EINTR, message: null };
        }
        return decodeAcknowledgement(message, isDone) ?? { errno: errnos.EIO, message: 'the answer is malformed' };
      }
    }
  }
}
