import type { Command } from './command.ts';

interface Entry {
  readonly name: string;
  /** One line of the list of commands. */
  readonly summary: string;
  /** Loads the command: what the others need is not loaded. */
  readonly load: () => Promise<{ readonly command: Command }>;
}

/** Every command, in the order in which help lists them. */
export const commands: readonly Entry[] = [
  { name: 'run', summary: 'keep this node online, in the foreground', load: () => import('./run.ts') },
  { name: 'status', summary: 'show the uplinks and which of them is used', load: () => import('./status.ts') },
  { name: 'watch', summary: 'watch them live in the terminal', load: () => import('./watch.ts') },
  { name: 'explain', summary: 'show why an uplink is used, or is not', load: () => import('./explain.ts') },
  { name: 'plan', summary: 'show what would be changed in the kernel now', load: () => import('./plan.ts') },
  {
    name: 'hotspot',
    summary: 'open or close the hotspot, show its key, make another',
    load: () => import('./hotspot.ts'),
  },
  { name: 'pin', summary: 'prefer one uplink, or let the daemon choose again', load: () => import('./pin.ts') },
  { name: 'tether', summary: 'show the phones that share their connection', load: () => import('./tether.ts') },
  { name: 'budget', summary: 'show what of each budget is used, or correct it', load: () => import('./budget.ts') },
  {
    name: 'replay',
    summary: 'run a recording again: every switch, with its reason',
    load: () => import('./replay.ts'),
  },
  {
    name: 'visualize',
    summary: 'show the statecharts in a browser, live or of a recording',
    load: () => import('./visualize.ts'),
  },
  { name: 'check', summary: 'check a configuration file', load: () => import('./check.ts') },
  { name: 'doctor', summary: 'look for what would keep the daemon from its work', load: () => import('./doctor.ts') },
  { name: 'cleanup', summary: 'remove everything backhauld installed', load: () => import('./cleanup.ts') },
];
