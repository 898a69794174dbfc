/** What systemd-resolved holds for one link, as far as backhauld has to do with it. */
export interface ResolvedLink {
  /** Addresses without zones. */
  readonly servers: readonly string[];
  /** Search domains, and with `~` before them routing domains; `~.` is the one of every name. */
  readonly domains: readonly string[];
}

/** Names that no other link claims are looked up by the link that has this domain (resolved.conf(5)). */
export const everyName = '~.';

/** One text for one content, so that two can be compared. */
export const formatResolvedLink = ({ servers, domains }: ResolvedLink): string =>
  `dns=${servers.join(' ')}\ndomains=${domains.join(' ')}`;

/** Reads what `formatResolvedLink` writes; what is missing is empty. */
export function parseResolvedLink(text: string): ResolvedLink {
  const value = (name: string): readonly string[] =>
    text
      .split('\n')
      .filter((line) => line.startsWith(`${name}=`))
      .flatMap((line) => line.slice(name.length + 1).split(' '))
      .filter((word) => word !== '');
  return { servers: value('dns'), domains: value('domains') };
}

/** A server may be written with the name that it proves to have: `9.9.9.9#dns.quad9.net`. */
export const withoutServerName = (server: string): string => server.split('#', 1)[0] ?? '';
