import { createMongoAbility, type MongoAbility, type RawRuleOf, subject } from '@casl/ability';
import { permittedFieldsOf } from '@casl/ability/extra';
import type { Bundle } from '#policy';
import type { FieldName } from '#terms';
import { attributesOf, type Peer } from './peer.js';
import { plainRules } from './plain-rule.js';

/** Each rule is looked at once for the whole record, and says for which of its fields it speaks. */
export const casl: Peer = {
  name: '@casl/ability',
  says: 'every rule',
  load(plain) {
    const ability = abilityOf(plain);
    return Promise.resolve((asked) => {
      const record = subject('Record', attributesOf(asked));
      const shared = new Map<FieldName, string[]>();
      const cut = new Map<FieldName, string[]>();
      for (const rule of ability.possibleRulesFor('share', 'Record')) {
        if (!rule.matchesConditions(record)) continue;
        const list = rule.inverted ? cut : shared;
        for (const field of rule.fields as readonly string[] as readonly FieldName[]) {
          const named = list.get(field);
          if (named === undefined) list.set(field, [rule.reason as string]);
          else named.push(rule.reason as string);
        }
      }
      for (const field of cut.keys()) shared.delete(field);
      return { shared };
    });
  },
};

/** The same by `permittedFieldsOf`, which names no rule. Of two rules the later one wins: limits come last. */
export const caslUnexplained: Peer = {
  name: '@casl/ability, fields only',
  says: 'no rule',
  load(plain, fields) {
    const ability = abilityOf(plain);
    const all = [...fields];
    const fieldsFrom = (rule: { readonly fields?: string[] }): string[] => rule.fields ?? all;
    return Promise.resolve((asked) => {
      const permitted = permittedFieldsOf(ability, 'share', subject('Record', attributesOf(asked)), { fieldsFrom });
      return { shared: new Map(permitted.map((field) => [field as FieldName, []])) };
    });
  },
};

function abilityOf(plain: Bundle): MongoAbility {
  const raw = plainRules(plain)
    .toSorted((a, b) => Number(b.isShare) - Number(a.isShare))
    .map(({ of, fields, isShare, wants }): RawRuleOf<MongoAbility> => ({
      action: 'share',
      subject: 'Record',
      fields: [...fields],
      inverted: !isShare,
      reason: of,
      conditions: Object.fromEntries(
        [...wants].map(([attribute, words]) => [attribute, words.length === 1 ? words[0] : { $in: words }]),
      ),
    }));
  return createMongoAbility(raw);
}
