/**
 * Who else holds the lease of an interface, or is about to, before anything of it is to be seen there. Files only.
 *
 * What networkd and NetworkManager write of a link stays when they are gone, so they must be running, too. Of other clients
 * it is their arguments that tell, or the title that dhcpcd gives itself.
 */
import { programsNamed } from '../process/programs.ts';
import { textAt } from '../files/readings.ts';

export interface Roots {
  readonly proc: string;
  readonly run: string;
}

/** The name of the program; null when there is none. `ownHook`: the script by which backhauld's own clients are known. */
export function findOtherManager(
  { index, name }: { readonly index: number; readonly name: string },
  ownHook: string,
  { proc, run }: Roots = { proc: '/proc', run: '/run' },
): string | null {
  const running = (program: string): readonly (readonly string[])[] => programsNamed(program, proc);
  const told = (path: string, ...lines: readonly RegExp[]): boolean => {
    const text = textAt(run, path, String(index)) ?? '';
    return lines.every((line) => line.test(text));
  };
  const networkd = [/^ADMIN_STATE=(?:initialized|configuring|configured)$/mu, /^NETWORK_FILE=/mu];
  if (told('systemd/netif/links', ...networkd) && running('systemd-networkd').length > 0) return 'systemd-networkd';
  if (told('NetworkManager/devices', /^managed=true$/mu) && running('NetworkManager').length > 0)
    return 'NetworkManager';
  const isItsOwn = (words: readonly string[]): boolean => !words.includes(ownHook) && isFor(words, name);
  return (
    ['dhcpcd', 'dhclient', 'udhcpc'].find((client) => running(client).some(isItsOwn)) ??
    (running('busybox').some((words) => words[1] === 'udhcpc' && isItsOwn(words)) ? 'udhcpc' : null)
  );
}

/** `-i eth0`, `-ieth0`, `eth0`; `dhcpcd: eth0 [ip4]` as one word, or as several. Not one that is for IPv6 alone. */
function isFor(argumentsOrTitle: readonly string[], name: string): boolean {
  const words = argumentsOrTitle.flatMap((word) => word.split(' '));
  const isForIpv6 = words.includes('-6') || words.includes('[ip6]');
  return !isForIpv6 && (words.includes(name) || words.includes(`-i${name}`));
}
