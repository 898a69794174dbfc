/** What the page was opened with: it is written into it by who serves it. */
export type SourceData =
  | null
  | { readonly kind: 'live'; readonly name: string }
  | {
      readonly kind: 'recording';
      readonly name: string;
      /** Steps that changed nothing and were left out. */
      readonly omitted: number;
      /** The items, packed; see packed-trace.codec.ts. */
      readonly packed: string;
    };
