import { createMongoAbility, type MongoAbility, type RawRuleOf, subject } from '@casl/ability';
import { permittedFieldsOf } from '@casl/ability/extra';
import type { FieldName } from '#terms';
import { attributesOf, type Peer } from './peer.js';
import { plainRules } from './plain-rule.js';

/** `permittedFieldsOf` looks at each rule once for the whole record. Of two rules the later one wins: limits come last. */
export const casl: Peer = {
  name: '@casl/ability',
  load(plain, fields) {
    const raw = plainRules(plain)
      .toSorted((a, b) => Number(b.isShare) - Number(a.isShare))
      .map(({ fields: some, isShare, wants }): RawRuleOf<MongoAbility> => ({
        action: 'share',
        subject: 'Record',
        fields: [...some],
        inverted: !isShare,
        conditions: Object.fromEntries(
          [...wants].map(([attribute, words]) => [attribute, words.length === 1 ? words[0] : { $in: words }]),
        ),
      }));
    const ability = createMongoAbility(raw);
    const all = [...fields];
    const fieldsFrom = (rule: { readonly fields?: string[] }): string[] => rule.fields ?? all;
    return Promise.resolve(
      (asked) =>
        new Set(
          permittedFieldsOf(ability, 'share', subject('Record', attributesOf(asked)), { fieldsFrom }),
        ) as ReadonlySet<string> as ReadonlySet<FieldName>,
    );
  },
};
