/** Whether a text is a domain name as it stands in a question: labels of 1 to 63, 253 characters in all (RFC 1035, 2.3.4). */
export const isDomainName = (name: string): boolean =>
  name.length <= 253 && name.split('.').every((label) => /^[\w-]{1,63}$/u.test(label));

/** Names that no name server of a provider knows (RFC 6761, 6762, 7686): they lead nowhere, or not through an uplink. */
const pointlessZones: ReadonlySet<string> = new Set(['localhost', 'local', 'invalid', 'onion']);

/**
 * Why a text is no name of a host beyond an uplink, to stand behind the text itself; null when it is one.
 *
 * Letters, digits and hyphens (RFC 1123, 2.1), at least two labels, the last one no number. Other alphabets are written in
 * Punycode, as name servers have them.
 */
export function whyNoHostName(name: string): string | null {
  if (/[^\0-\u007f]/u.test(name)) return 'a name with other than ASCII letters is written in Punycode (xn--…)';
  if (name.length > 253) return `${name.length} characters are too many for a name; at most 253 are taken`;
  const labels = name.split('.');
  const bad = labels.find((label) => !/^(?!-)[a-z\d-]{1,63}(?<!-)$/u.test(label));
  if (bad !== undefined) {
    return 'no host name: its labels are letters, digits and "-" between them, 1 to 63 of them each';
  }
  const last = labels.at(-1) ?? '';
  if (labels.length < 2) return 'a name without a dot is known to nobody beyond this network; write the whole name';
  if (/^(?:\d+|0x[\da-f]*)$/u.test(last)) return 'no name ends with a number';
  if (pointlessZones.has(last)) return `no name under ${last} leads through an uplink`;
  return null;
}
