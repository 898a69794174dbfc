/** Whether a line of dnsmasq's says that it serves. */
export const isStarted = (line: string): boolean => /\bstarted, version/u.test(line);

/** Whether a line says that a client has come or gone. */
export const tellsOfClients = (line: string): boolean => /\bDHCP(?:ACK|RELEASE|DECLINE)\b/u.test(line);

/** How many leases of IPv4 a lease file of dnsmasq's holds that last, at `now` in seconds since the epoch. */
export function countLeases(text: string, now: number): number {
  const addresses = text.split('\n').flatMap((line) => {
    const [expiry = '', , address = ''] = line.split(' ');
    const lasts = /^\d+$/u.test(expiry) && (expiry === '0' || Number(expiry) > now);
    return lasts && /^\d+(?:\.\d+){3}$/u.test(address) ? [address] : [];
  });
  return new Set(addresses).size;
}

/** The version of `dnsmasq --version`, as 2.90 → [2, 90]; null when it says none. */
export function parseDnsmasqVersion(text: string): readonly [number, number] | null {
  const [, major, minor] = /Dnsmasq version (\d+)\.(\d+)/iu.exec(text) ?? [];
  return major === undefined || minor === undefined ? null : [Number(major), Number(minor)];
}
