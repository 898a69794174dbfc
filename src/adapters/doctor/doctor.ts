import type { Config } from '../../model/config.ts';
import type { Finding } from './finding.ts';
import { checkForwarding } from './firewall.checks.ts';
import { checkFeatures, checkPrivileges, checkSysfs, readKernel } from './kernel.checks.ts';
import { checkManagers } from './manager.checks.ts';
import { checkRadio } from './radio.checks.ts';
import { checkRules } from './rule.checks.ts';
import { realSurroundings, type Surroundings } from './surroundings.ts';
import { checkTools } from './tool.checks.ts';

/** Looks for what would keep a daemon with this configuration from its work. Reads only; never rejects. */
export async function examine(
  config: Config,
  surroundings: Surroundings = realSurroundings(config.discovery.driver),
): Promise<readonly Finding[]> {
  const { view, finding } = await readKernel(surroundings);
  return [
    ...checkPrivileges(surroundings),
    finding,
    ...checkFeatures(surroundings, view),
    ...checkSysfs(surroundings, view),
    ...checkTools(surroundings, config, view),
    ...checkManagers(surroundings),
    ...(await checkRadio(surroundings, config, view)),
    ...checkRules(surroundings, view, config.routing),
    ...(await checkForwarding(surroundings)),
  ];
}
