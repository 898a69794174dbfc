import { hasCapability } from './capabilities.ts';
import { BackhaulError } from '../../model/errors.ts';

/**
 * Refuses to begin what could not be finished: routes and rules need CAP_NET_ADMIN. Where /proc does not say, the
 * kernel will.
 *
 * @throws BackhaulError `privilege.missing`
 */
export function requireNetAdmin(proc?: string): void {
  if (hasCapability('CAP_NET_ADMIN', proc) !== false) return;
  throw new BackhaulError({
    code: 'privilege.missing',
    message: 'this process may not change the network: CAP_NET_ADMIN is not among its effective capabilities',
    remedy: 'run it as root, or with AmbientCapabilities=CAP_NET_ADMIN CAP_NET_RAW in a systemd unit',
  });
}
