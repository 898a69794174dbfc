/** As much of HTTP/1.1 (RFC 9112) as one small answer needs. */

/** What has come in so far: not enough yet, no HTTP, or a status with as much of the body as is looked at. */
export type HttpReply =
  | { readonly kind: 'incomplete' }
  | { readonly kind: 'malformed'; readonly what: string }
  | { readonly kind: 'complete'; readonly status: number; readonly body: string };

const maxHeaderBytes = 16 * 1024;
/** Enough for a portal's page to be told from what is expected; the rest is not read. */
export const maxBodyBytes = 64 * 1024;

/** The request for one target. Nothing in it tells one node from another. */
export const encodeHttpRequest = (host: string, path: string): string =>
  [
    `GET ${path} HTTP/1.1`,
    `Host: ${host}`,
    'User-Agent: backhauld',
    'Accept: */*',
    'Cache-Control: no-cache',
    'Connection: close',
    '',
    '',
  ].join('\r\n');

interface Head {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
  /** Where the body begins. */
  readonly end: number;
}

/**
 * Reads a response from all the bytes that came so far; `isEnded`: no more will come. With `needsBody` false the head
 * alone makes it complete.
 */
export function parseHttpReply(bytes: Buffer, isEnded: boolean, needsBody: boolean): HttpReply {
  let start = 0;
  for (;;) {
    const head = parseHead(bytes, start);
    if ('kind' in head) {
      return head.kind === 'incomplete' && isEnded ? malformed('it ended before its headers did') : head;
    }
    // Interim responses (100, 103) precede the one that counts; 101 would end HTTP, and was not asked for.
    if (head.status >= 200 || head.status === 101) {
      return needsBody ? parseBody(bytes, head, isEnded) : complete(head.status, '');
    }
    start = head.end;
  }
}

const malformed = (what: string): HttpReply => ({ kind: 'malformed', what });
const complete = (status: number, body: string): HttpReply => ({ kind: 'complete', status, body });

function parseHead(bytes: Buffer, start: number): Head | HttpReply {
  const limit = start + maxHeaderBytes;
  const end = bytes.subarray(0, limit).indexOf('\r\n\r\n', start);
  // What is no HTTP is seen by its first bytes: an SSH server would otherwise be waited for until the time-out.
  const begin = bytes.subarray(start, start + 5).toString('latin1');
  if (!'HTTP/'.startsWith(begin)) return malformed('it is no HTTP');
  if (end < 0) {
    return bytes.length >= limit ? malformed(`its headers exceed ${maxHeaderBytes} bytes`) : { kind: 'incomplete' };
  }
  const [statusLine = '', ...lines] = bytes.subarray(start, end).toString('latin1').split('\r\n');
  const status = /^HTTP\/1\.[01] ([1-5]\d\d)(?: |$)/u.exec(statusLine)?.[1];
  if (status === undefined) return malformed('its status line is none');
  const headers = new Map<string, string>();
  for (const line of lines) {
    const [, name, value] = /^([!#$%&'*+\-.^_`|~\w]+):[ \t]*(.*?)[ \t]*$/u.exec(line) ?? [];
    if (name === undefined || value === undefined) return malformed('a header line is none');
    headers.set(name.toLowerCase(), value);
  }
  return { status: Number(status), headers, end: end + 4 };
}

function parseBody(bytes: Buffer, { status, headers, end }: Head, isEnded: boolean): HttpReply {
  const body = bytes.subarray(end);
  if (status === 204 || status === 304) return complete(status, '');
  if (headers.get('transfer-encoding')?.toLowerCase() === 'chunked') return parseChunks(status, body, isEnded);
  const length = headers.get('content-length') ?? null;
  if (length !== null && !/^\d{1,15}$/u.test(length)) return malformed('its Content-Length is no number');
  const wanted = Math.min(length === null ? Infinity : Number(length), maxBodyBytes);
  if (body.length >= wanted) return complete(status, body.subarray(0, wanted).toString('utf8'));
  if (!isEnded) return { kind: 'incomplete' };
  return length === null ? complete(status, body.toString('utf8')) : malformed('its body was cut short');
}

/** RFC 9112 section 7.1. */
function parseChunks(status: number, bytes: Buffer, isEnded: boolean): HttpReply {
  const parts: Buffer[] = [];
  let total = 0;
  let position = 0;
  for (;;) {
    const lineEnd = bytes.indexOf('\r\n', position);
    const line = bytes.subarray(position, lineEnd < 0 ? undefined : lineEnd).toString('latin1');
    if (lineEnd < 0 && line.length <= 1024) break;
    const size = /^([\da-f]{1,8})[ \t]*(?:;.*)?$/iu.exec(line)?.[1];
    if (size === undefined) return malformed('the size of a chunk is no number');
    const length = Number.parseInt(size, 16);
    const begin = lineEnd + 2;
    const part = bytes.subarray(begin, Math.min(begin + length, begin + maxBodyBytes - total));
    parts.push(part);
    total += part.length;
    if (length === 0 || total >= maxBodyBytes) return complete(status, Buffer.concat(parts).toString('utf8'));
    if (bytes.length < begin + length + 2) break;
    if (bytes.toString('latin1', begin + length, begin + length + 2) !== '\r\n') {
      return malformed('a chunk does not end where it says');
    }
    position = begin + length + 2;
  }
  return isEnded ? malformed('its body was cut short') : { kind: 'incomplete' };
}
