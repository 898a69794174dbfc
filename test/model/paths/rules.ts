/** The rules that do not hold; each by the sentence that says it. */
export const broken = (rules: Readonly<Record<string, boolean>>): readonly string[] =>
  Object.entries(rules).flatMap(([rule, holds]) => (holds ? [] : [rule]));
