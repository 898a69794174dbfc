import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';
import { done, type OperationResult, type Setting } from '../../model/network.ts';
import type { SettingsTarget } from '../../effects/ports.ts';
import { isPathSafeName, isReservedName } from '../sysfs/link-name.ts';

/**
 * Reads and writes /proc/sys/net/{ipv4,ipv6}/conf/INTERFACE/KEY of the network namespace this process is in.
 *
 * Source: Documentation/networking/ip-sysctl.rst. `root` is another place for tests.
 */
export function createSettingsTarget(root = '/proc/sys/net'): SettingsTarget {
  return {
    read(setting) {
      // With ifindex 0 `all` is meant by its own name: the kernel combines it with the interface's value.
      const isForAll = setting.linkIndex === 0 && setting.interface === 'all';
      const path = isForAll ? `${root}/${setting.family}/conf/all/${setting.key}` : pathOf(root, setting);
      if (path === null) return null;
      try {
        return readFileSync(path, 'utf8').trim();
      } catch {
        // No such link, no such family, no such setting in this kernel: all of them mean that there is nothing to set.
        return null;
      }
    },
    write(setting, value) {
      const path = pathOf(root, setting);
      if (path === null) return refused(setting, 'the name stands for more than one link, or for none');
      if (!/^-?\d{1,10}$/u.test(value)) return refused(setting, `${JSON.stringify(value)} is no number`);
      try {
        writeExisting(path, value);
        return done;
      } catch (error) {
        return failure(setting, error);
      }
    },
  };
}

function pathOf(root: string, { interface: name, family, key }: Setting): string | null {
  return isPathSafeName(name) && !isReservedName(name) ? `${root}/${family}/conf/${name}/${key}` : null;
}

/** Opened without O_CREAT: a setting that is not there must not become a file. */
function writeExisting(path: string, value: string): void {
  const descriptor = openSync(path, 'r+');
  try {
    writeSync(descriptor, value);
  } finally {
    closeSync(descriptor);
  }
}

const nameOf = ({ interface: name, family, key }: Setting): string => `net/${family}/conf/${name}/${key}`;

const refused = (setting: Setting, why: string): OperationResult => ({
  ok: false,
  retry: 'permanent',
  code: 'kernel.refused',
  message: `${nameOf(setting)}: ${why}`,
});

function failure(setting: Setting, error: unknown): OperationResult {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
  switch (code) {
    case 'ENOENT':
    case 'ENODEV':
      return {
        ok: false,
        retry: 'satisfied',
        code: 'kernel.vanished',
        message: `${nameOf(setting)}: there is no such setting any more`,
      };
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return {
        ok: false,
        retry: 'permanent',
        code: 'privilege.missing',
        message: `${nameOf(setting)}: writing it needs CAP_NET_ADMIN and a writable /proc/sys (${code})`,
      };
    case 'EINVAL':
    case 'ERANGE':
      return refused(setting, `the kernel does not take the value (${code})`);
    default:
      return { ok: false, retry: 'retryable', code: 'kernel.refused', message: `${nameOf(setting)}: ${code}` };
  }
}
