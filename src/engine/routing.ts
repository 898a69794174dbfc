/** Wires what brings the kernel's routes, rules and settings to what is wanted. */
import type { SchedulerLike } from 'rxjs';

import type { Kernel } from '../adapters/netlink/kernel.ts';
import { openLinkJournal } from '../adapters/links/link.journal.ts';
import { openSettingsJournal } from '../adapters/settings/settings.journal.ts';
import { createSettingsTarget } from '../adapters/settings/settings.target.ts';
import { Reconciler } from '../effects/network/reconciler.ts';
import type { Config } from '../model/config.ts';
import type { Problem } from '../model/errors.ts';

export function openReconciler(
  kernel: Kernel,
  stateDirectory: string,
  config: Config,
  scheduler: SchedulerLike,
  note: (problem: Problem) => void,
): Reconciler {
  const { journal, problems } = openSettingsJournal(stateDirectory);
  const links = openLinkJournal(stateDirectory);
  for (const problem of [...problems, ...links.problems]) note(problem);
  return new Reconciler({
    kernel,
    settings: createSettingsTarget(),
    journal,
    links: links.journal,
    routing: config.routing,
    scheduler,
  });
}
