import {
  accessSync,
  chmodSync,
  chownSync,
  closeSync,
  constants,
  fsyncSync,
  ftruncateSync,
  lstatSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
  writeSync,
  type Stats,
} from 'node:fs';
import type { DnsReading } from '../../effects/ports.ts';
import type { DnsValue } from '../../model/dns.ts';
import type { Problem } from '../../model/errors.ts';
import { done, type OperationResult } from '../../model/network.ts';
import { belongsToOtherNetwork } from './own-surroundings.ts';
import { mostBytes } from './small-file.ts';

/** Reads a resolv.conf that may be written; tells why when it is left alone. */
export function readResolvConf(path: string): DnsReading {
  let status: Stats;
  try {
    status = lstatSync(path);
  } catch (error) {
    return codeOf(error) === 'ENOENT' ? { value: null } : leftAlone(path, `cannot be read (${codeOf(error)})`, false);
  }
  if (status.isSymbolicLink())
    return leftAlone(path, 'is a symbolic link: another program makes what it leads to', true);
  if (!status.isFile()) return leftAlone(path, 'is no regular file', true);
  if (belongsToOtherNetwork(path)) {
    return leftAlone(path, 'belongs to the whole machine, and this is a network namespace of its own', false);
  }
  if (status.size > mostBytes) return leftAlone(path, `is ${status.size} bytes long, which no such file is`, true);
  try {
    if ((status.mode & 0o222) === 0) return leftAlone(path, 'may be written by nobody', true);
    accessSync(path, constants.R_OK | constants.W_OK);
    return { value: readFileSync(path, 'latin1') };
  } catch (error) {
    return leftAlone(path, `may not be read and written (${codeOf(error)})`, false);
  }
}

/**
 * Replaces a resolv.conf: a new file, on disk, with the owner and the permissions of the old one, takes its place in one
 * step. A file that is mounted (as containers and `ip netns exec` have it) has no other place: it is written over.
 */
export function writeResolvConf(path: string, text: DnsValue): OperationResult {
  try {
    if (text === null) rmSync(path, { force: true });
    else replace(path, Buffer.from(text, 'latin1'));
    return done;
  } catch (error) {
    const code = codeOf(error);
    const isForbidden = code === 'EACCES' || code === 'EPERM' || code === 'EROFS';
    return {
      ok: false,
      retry: isForbidden ? 'permanent' : 'retryable',
      code: isForbidden ? 'privilege.missing' : 'tool.failed',
      message: `${path} cannot be written (${code})`,
    };
  }
}

function replace(path: string, bytes: Buffer): void {
  const old = statusOf(path);
  const temporary = `${path}.backhauld-new`;
  rmSync(temporary, { force: true });
  try {
    writeFileSync(temporary, bytes, { flag: 'wx', mode: 0o600, flush: true });
    if (old !== null) chownSync(temporary, old.uid, old.gid);
    chmodSync(temporary, old === null ? 0o644 : old.mode & 0o7777);
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    if (codeOf(error) !== 'EBUSY') throw error;
    overwrite(path, bytes);
  }
}

function overwrite(path: string, bytes: Buffer): void {
  const descriptor = openSync(path, constants.O_WRONLY | constants.O_NOFOLLOW);
  try {
    // Cut only afterwards: at no instant is the file empty.
    writeSync(descriptor, bytes, 0, bytes.length, 0);
    ftruncateSync(descriptor, bytes.length);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

function statusOf(path: string): Stats | null {
  try {
    return lstatSync(path);
  } catch {
    return null;
  }
}

function leftAlone(path: string, why: string, isGone: boolean): DnsReading {
  const problem: Problem = {
    code: 'dns.conflict',
    subject: path,
    message: `It ${why}; it is left as it is, and lookups do not follow the active uplink`,
    remedy: 'have the program that owns it follow, or set dns.mode to "none"',
  };
  return { problem, isGone };
}

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
