/**
 * The name of an interface as nft reads it: a string has no escapes, ends at the next quote, and with `*` at its end
 * stands for all names that begin so (libnftables, scanner.l and expr_evaluate_string).
 *
 * @throws RangeError for a name that cannot be written. The configuration takes none, and other links' names are checked
 * before they come here: rules for a name that is another would leave clients in the open.
 */
export function nftString(name: string): string {
  if (/["\\*\p{Cc}]/u.test(name)) throw new RangeError(`${JSON.stringify(name)} cannot be a string of nft`);
  return `"${name}"`;
}
