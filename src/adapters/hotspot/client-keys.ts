import type { AccessPointPart } from '../../model/hotspot-parts.ts';
import { usesSae } from './hostapd.config.ts';
import type { HostapdEvent } from './hostapd.lines.ts';

type Keys = Pick<AccessPointPart, 'key' | 'previousKey' | 'security'>;

/** Attempts by one key before the other is tried. */
const attemptsByOne = 2;
/**
 * After a change attempts count for nothing so long, in milliseconds: hostapd goes on with the former password for a
 * client until it has forgotten that one, which takes it 5 s.
 */
const changeTakes = 6000;
/** From one client that is tried with the other key to the next, in milliseconds: each costs programs that are started. */
const betweenTries = 500;
/** Clients of which failed attempts are counted at the same time: anyone may make up addresses. */
const mostAttempts = 256;
/** Clients whose key is known: hostapd is given a line for each that has the former one. */
const mostKnown = 256;

/** Who is on, and who has which key, as far as hostapd tells. By hardware address. */
export class ClientKeys {
  readonly #connected = new Set<string>();
  readonly #bySae = new Set<string>();
  /** The number of the key that a client came with last, or will be tried with next. */
  readonly #keyOf = new Map<string, number>();
  readonly #attempts = new Map<string, { readonly count: number; readonly notBefore: number }>();

  #nextTryAt = -Infinity;

  get connected(): number {
    return this.#connected.size;
  }

  /** So many are on by WPA3. */
  get bySae(): number {
    return this.#bySae.size;
  }

  connect({ macAddress, keyNumber }: HostapdEvent & { readonly type: 'connected' }, keys: Keys): void {
    this.#connected.add(macAddress);
    this.#attempts.delete(macAddress);
    const isFormer = keys.previousKey !== null && this.#keyOf.get(macAddress) === keys.previousKey;
    // Of SAE hostapd does not say which password it was: the one for its address, if it has one.
    this.#note(macAddress, keyNumber ?? (isFormer ? keys.previousKey : keys.key));
    if (usesSae(keys) && keyNumber === null) this.#bySae.add(macAddress);
  }

  disconnect(macAddress: string): void {
    this.#connected.delete(macAddress);
    this.#bySae.delete(macAddress);
  }

  /**
   * Notes that a client begins to join by SAE. True when it has not got in by one key and shall be tried with the other:
   * hostapd tries one password for each, and while two are good it may have either.
   *
   * @param now milliseconds of a clock that is never set
   */
  attempt(macAddress: string, { key, previousKey }: Keys, now: number): boolean {
    // Who is on has got in: somebody else may go by its address.
    if (previousKey === null || this.#connected.has(macAddress)) return false;
    const known = this.#attempts.get(macAddress) ?? { count: 0, notBefore: -Infinity };
    if (now < known.notBefore) return false;
    if (this.#attempts.size >= mostAttempts && !this.#attempts.has(macAddress)) this.#attempts.clear();
    const count = known.count + 1;
    const isEnough = count >= attemptsByOne && now >= this.#nextTryAt;
    this.#attempts.set(
      macAddress,
      isEnough ? { count: 0, notBefore: now + changeTakes } : { count, notBefore: known.notBefore },
    );
    if (!isEnough) return false;
    this.#nextTryAt = now + betweenTries;
    this.#note(macAddress, this.#keyOf.get(macAddress) === previousKey ? key : previousKey);
    return true;
  }

  /** The one that was noted longest ago makes room, unless it is on. */
  #note(macAddress: string, key: number): void {
    this.#keyOf.delete(macAddress);
    this.#keyOf.set(macAddress, key);
    if (this.#keyOf.size <= mostKnown) return;
    const oldest = [...this.#keyOf.keys()].find((one) => !this.#connected.has(one));
    if (oldest !== undefined) this.#keyOf.delete(oldest);
  }

  /** Those with this key, whether they are on or not. */
  withKey(key: number): readonly string[] {
    return [...this.#keyOf].flatMap(([macAddress, its]) => (its === key ? [macAddress] : []));
  }

  /** Those that are on with another key. */
  withOther(key: number): readonly string[] {
    return [...this.#connected].filter((macAddress) => this.#keyOf.get(macAddress) !== key);
  }

  /** Nobody is on; what keys they have stays known. */
  dropAll(): void {
    this.#connected.clear();
    this.#bySae.clear();
    this.#attempts.clear();
  }

  forget(): void {
    this.dropAll();
    this.#keyOf.clear();
  }
}
