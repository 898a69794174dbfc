import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

/** Devices that some kernels put into every new namespace. */
const everywhere = /^(?:lo|(?:sit|tunl|ip6tnl|gre|gretap|erspan|ip6gre|ip_vti|ip6_vti)0)$/u;

/**
 * The interfaces here that a new network namespace would not have. The lab pulls cables and flushes addresses: it
 * never stands where there are any.
 */
export async function foreignInterfaces(): Promise<readonly string[]> {
  const devices = await readFile('/proc/net/dev', 'utf8');
  const names = devices.split('\n').flatMap((line) => /^\s*(\S+):/u.exec(line)?.[1] ?? []);
  return names.filter((name) => !everywhere.test(name));
}

/** Runs this very program once more, in a sandbox that takes everything along when it ends. Resolves with its code. */
export async function runInSandbox(): Promise<number> {
  const sandbox = fileURLToPath(new URL('../scripts/sandbox.mjs', import.meta.url));
  const own = [process.execPath, ...process.execArgv, ...process.argv.slice(1)];
  const child = spawn(process.execPath, [sandbox, ...own], { stdio: 'inherit' });
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => child.kill(signal));
  const [code] = (await once(child, 'close')) as [number | null];
  return code ?? 1;
}
