/** What a modem can be in (ModemManager's MMModemState). */
export const modemStates = [
  'failed',
  'unknown',
  'initializing',
  'locked',
  'disabled',
  'disabling',
  'enabling',
  'enabled',
  'searching',
  'registered',
  'disconnecting',
  'connecting',
  'connected',
] as const;
export type ModemState = (typeof modemStates)[number];

/** What a modem tells of its radio. */
export interface ModemStatus {
  readonly state: ModemState;
  /** As ModemManager calls it: `lte`, `5gnr`, `umts`; several joined by `+`. Null: none, or it does not say. */
  readonly accessTechnology: string | null;
  /** From 0 to 100; null where it was not measured. */
  readonly signalPercent: number | null;
}
