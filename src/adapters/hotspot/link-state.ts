import type { KernelState } from '../../model/kernel.ts';
import { run } from '../process/run.ts';
import { patience } from './part-maker.ts';

/** Whether a link is set up, as the kernel is known; read where nobody watches it, or does not know of the link yet. */
export async function linkState(name: string, kernel: KernelState | null): Promise<'up' | 'down'> {
  const known = kernel === null ? undefined : [...kernel.links.values()].find((link) => link.name === name);
  if (known !== undefined) return known.isUp ? 'up' : 'down';
  const shown = await run('ip', ['-o', 'link', 'show', 'dev', name], { timeout: patience });
  return /<[^>]*\bUP\b/u.test(shown.stdout) ? 'up' : 'down';
}
