/** This machine cannot have the lab. The message says what is missing and, where that is known, how to get it. */
export class LabUnavailable extends Error {
  override readonly name = 'LabUnavailable';
}
