import { errnos, type Libc } from '../../../../src/adapters/libc/libc.ts';
import { encodeAttribute } from '../../../../src/adapters/netlink/codec/attribute.codec.ts';
import {
  controlTypes,
  decodeMessages,
  encodeMessage,
  messageFlags,
  type NetlinkMessage,
} from '../../../../src/adapters/netlink/codec/message.codec.ts';

/** What a read finds: a datagram of the kernel's, one of another process, or a negative error number. */
type Found = Uint8Array | { readonly from: number; readonly datagram: Uint8Array } | number;

/** The answers to one request. */
export type Script = (request: NetlinkMessage) => readonly Found[];

export const asMessage = (type: number, payload: Uint8Array, flags = 0, sequence = 0): Uint8Array =>
  encodeMessage({ type, flags, sequence, payload });

const int32 = (value: number): Uint8Array => new Uint8Array(new Int32Array([value]).buffer);

/** The end of a dump. */
export const end = ({ sequence }: NetlinkMessage, flags = 0): Uint8Array =>
  asMessage(controlTypes.done, int32(0), messageFlags.multi | flags, sequence);

/** An acknowledgement, or a refusal with the kernel's words. */
export function answer({ sequence }: NetlinkMessage, errno: number, words = ''): Uint8Array {
  const attributes = words === '' ? [] : encodeAttribute(1, new TextEncoder().encode(`${words}\0`));
  const payload = new Uint8Array([...int32(-errno), ...new Uint8Array(16), ...attributes]);
  const flags = messageFlags.capped | (words === '' ? 0 : messageFlags.ackAttributes);
  return asMessage(controlTypes.error, payload, flags, sequence);
}

/** A C library whose netlink sockets are played by a test: descriptor 3 hears events, 4 asks. */
export class ScriptedLibc {
  readonly events: Found[] = [];
  readonly requests: NetlinkMessage[] = [];
  readonly closed: number[] = [];
  restarts = 0;
  socketError = 0;
  script: Script;
  #onReady: (status: number) => void = () => {};
  readonly #answers: Found[] = [];
  #last = 2;

  constructor(script: Script) {
    this.script = script;
  }

  /** The event loop finds the event socket ready. */
  wake(status = 0): void {
    this.#onReady(status);
  }

  get libc(): Libc {
    return {
      socket: () => (this.socketError === 0 ? ++this.#last : -this.socketError),
      bind: () => 0,
      connect: () => 0,
      setOption: () => 0,
      setIntegerOption: () => 0,
      getOption: () => 0,
      getSocketName: () => 0,
      control: () => 0,
      sendTo: (_fd, data) => {
        for (const request of decodeMessages(data.slice())) {
          this.requests.push(request);
          this.#answers.push(...this.script(request));
        }
        return data.length;
      },
      receiveFrom: (fd, buffer, _flags, sender) => {
        const found = (fd === 3 ? this.events : this.#answers).shift() ?? -errnos.EAGAIN;
        if (typeof found === 'number') return found;
        const datagram = found instanceof Uint8Array ? found : found.datagram;
        sender?.fill(0);
        if (!(found instanceof Uint8Array)) sender?.set(int32(found.from), 4);
        buffer.set(datagram);
        return datagram.length;
      },
      close: (fd) => {
        this.closed.push(fd);
        return 0;
      },
      watch: (_fd, _events, onReady) => {
        this.#onReady = onReady;
        return {
          restart: () => {
            this.restarts += 1;
          },
          close: () => {
            this.#onReady = () => {};
          },
          ref: () => {},
          unref: () => {},
        };
      },
    };
  }
}
