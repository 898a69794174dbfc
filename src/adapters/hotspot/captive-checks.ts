/**
 * How phones and computers find out whether a network leads out: they ask their maker's server for a page that they know.
 * While there is no way out the node answers in its place, so that they stay connected instead of looking for another
 * network. What is asked by HTTPS cannot be answered.
 */
export interface CaptiveAnswer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

const text = (body: string): CaptiveAnswer => ({ status: 200, type: 'text/plain', body });
const empty: CaptiveAnswer = { status: 204, type: 'text/plain', body: '' };
const success = '<HTML><HEAD><TITLE>Success</TITLE></HEAD><BODY>Success</BODY></HTML>\n';
const apple: CaptiveAnswer = { status: 200, type: 'text/html', body: success };

/** By path: no two makers use the same one for different pages. */
const answers: Readonly<Record<string, CaptiveAnswer>> = {
  // Android, ChromeOS
  '/generate_204': empty,
  '/gen_204': empty,
  // Apple
  '/hotspot-detect.html': apple,
  '/library/test/success.html': apple,
  // Windows
  '/connecttest.txt': text('Microsoft Connect Test'),
  '/ncsi.txt': text('Microsoft NCSI'),
  // Firefox
  '/success.txt': text('success\n'),
  '/canonical.html': {
    status: 200,
    type: 'text/html',
    body: '<meta http-equiv="refresh" content="0;url=https://support.mozilla.org/kb/captive-portal"/>',
  },
  // NetworkManager, as GNOME, Fedora and Debian have it
  '/check_network_status.txt': text('NetworkManager is online\n'),
  '/static/hotspot.txt': text('OK\n'),
  '/nm': text('NetworkManager is online\n'),
  // Kindle
  '/kindle-wifi/wifistub.html': {
    status: 200,
    type: 'text/html',
    body: '<html><body>81ce4465-7167-4dcb-835b-dcc9e44c112a</body></html>',
  },
};

/** Names whose servers are asked. Only while there is no way out are they answered for. */
export const captiveNames: readonly string[] = [
  'captive.apple.com',
  'clients3.google.com',
  'connectivity-check.ubuntu.com',
  'connectivitycheck.android.com',
  'connectivitycheck.gstatic.com',
  'connectivitycheck.platform.hicloud.com',
  'connect.rom.miui.com',
  'detectportal.firefox.com',
  'fedoraproject.org',
  'ipv6.msftconnecttest.com',
  'network-test.debian.org',
  'nmcheck.gnome.org',
  'spectrum.s3.amazonaws.com',
  'www.apple.com',
  'www.msftconnecttest.com',
  'www.msftncsi.com',
];

/** On Windows the name itself is compared with this address. */
const windowsNames: Readonly<Record<string, string>> = { 'dns.msftncsi.com': '131.107.255.255' };

/** Names that are answered with an address of their own. */
export const fixedNames: readonly string[] = Object.entries(windowsNames).map(
  ([name, address]) => `${address} ${name}`,
);

/** Servers of which the bare address is asked for. */
const roots: Readonly<Record<string, CaptiveAnswer>> = {
  'captive.apple.com': apple,
  'connectivity-check.ubuntu.com': empty,
};

/** The page that is known by this name (of the Host header, without a port) and path; null: none is. */
export function captiveAnswer(host: string, path: string): CaptiveAnswer | null {
  if (path === '/') return Object.hasOwn(roots, host) ? (roots[host] ?? null) : null;
  return Object.hasOwn(answers, path) ? (answers[path] ?? null) : null;
}
