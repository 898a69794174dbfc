import * as v from 'valibot';

import { formatDuration, type Milliseconds } from '../../model/units.ts';
import { duration } from './values.ts';

/** A setting that may be left out: its default is written as a file would write it, its description goes into the JSON Schema. */
export const setting = <const Schema extends v.GenericSchema>(
  schema: Schema,
  fallback: v.InferInput<Schema>,
  description: string,
) => v.optional(v.pipe(schema, v.description(description)), () => fallback);

/** A duration that may be left out. */
export const durationSetting = (from: Milliseconds, to: Milliseconds, fallback: Milliseconds, description: string) =>
  setting(duration(from, to), formatDuration(fallback), description);
