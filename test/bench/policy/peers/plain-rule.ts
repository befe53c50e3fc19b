import type { Bundle } from '#policy';
import type { FieldName } from '#terms';

/** A rule as any engine could say it: yes or no to some fields where each attribute is one of its words. */
export interface PlainRule {
  /** The rule that it was made from. */
  readonly of: string;
  readonly isShare: boolean;
  readonly fields: readonly FieldName[];
  readonly wants: ReadonlyMap<string, readonly string[]>;
}

/** What she said is asked per category here, and so a rule that asks it becomes one for each category of its fields. */
export function plainRules({ rules, vocabulary }: Bundle): readonly PlainRule[] {
  return rules.flatMap((rule) => {
    const { when } = rule.conditions;
    const wants = new Map(
      when.facts.map(({ fact, words, unknownMeets }) => [
        fact as string,
        [...words, ...(unknownMeets ? ['unknown'] : [])],
      ]),
    );
    if (when.purposes !== undefined) wants.set('purpose', [...when.purposes.words]);
    const isShare = rule.kind === 'share';
    const fields = [...rule.fields.keys()];
    if (when.consent === undefined) return { of: rule.id, isShare, fields, wants };
    const states = [...when.consent];
    return [...Map.groupBy(fields, (field) => vocabulary.fields.get(field)?.category ?? '')].map(
      ([category, some]) => ({
        of: rule.id,
        isShare,
        fields: some,
        wants: new Map([...wants, [category, states]]),
      }),
    );
  });
}
