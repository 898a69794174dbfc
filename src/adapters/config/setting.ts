import * as v from 'valibot';

import { formatDuration, type Milliseconds } from '../../model/units.ts';
import { duration } from './values.ts';

/**
 * A setting that may be left out. Its default is written as a file would write it. Its description stands outermost, for
 * the JSON Schema says nothing of what comes after a transformation.
 */
export const setting = <const Schema extends v.GenericSchema>(
  schema: Schema,
  fallback: v.InferInput<Schema>,
  description: string,
) =>
  v.pipe(
    v.optional(schema, () => fallback),
    v.description(description),
  );

/** A duration that may be left out. */
export const durationSetting = (from: Milliseconds, to: Milliseconds, fallback: Milliseconds, description: string) =>
  setting(duration(from, to), formatDuration(fallback), description);
