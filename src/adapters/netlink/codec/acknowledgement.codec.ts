import { decodeAttributes, decodeName } from './attribute.codec.ts';
import { align, messageFlags, type NetlinkMessage, viewOf } from './message.codec.ts';

/** What the kernel answered to a request. */
export interface Acknowledgement {
  /** 0: done. Else a positive errno. */
  readonly errno: number;
  /** The kernel's own words (extended acknowledgement), where it has any. */
  readonly message: string | null;
}

const requestHeaderLength = 16;
const messageAttribute = 1;

/** NLMSG_ERROR, and NLMSG_DONE at the end of a dump; null when it is too short. */
export function decodeAcknowledgement({ flags, payload }: NetlinkMessage, isDone = false): Acknowledgement | null {
  // Without a status the dump went well.
  if (payload.length < 4) return isDone ? { errno: 0, message: null } : null;
  const view = viewOf(payload);
  const errno = Math.abs(view.getInt32(0, true));
  if ((flags & messageFlags.ackAttributes) === 0) return { errno, message: null };
  const request = isDone
    ? 0
    : (flags & messageFlags.capped) !== 0 || payload.length < 8
      ? requestHeaderLength
      : align(view.getUint32(4, true));
  const message = decodeAttributes(payload.subarray(Math.min(4 + request, payload.length))).get(messageAttribute);
  return { errno, message: message === undefined ? null : decodeName(message) };
}
