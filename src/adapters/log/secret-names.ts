/** What stands in the place of a secret. */
export const concealed = '[redacted]';

/**
 * Names of members that hold secrets, with whatever stands before: `wpa_passphrase`, `apiToken`, `Authorization`.
 *
 * `key` is none of them: numbers of keys are called so, and a region of a statechart, and a recording without them could
 * not be run again.
 */
export const isSecretName = (name: string): boolean =>
  /(?:psk|passphrase|password|token|secret|authorization|(?:api|private|shared|wep|network)_?key)$/iu.test(name);

/** What a member that may hold a secret looks like in JSON. */
export const secretMember =
  /(?:psk|passphrase|password|token|secret|authorization|(?:api|private|shared|wep|network)_?key)"[:,]/iu;
