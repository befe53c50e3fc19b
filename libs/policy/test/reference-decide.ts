import type { Fact, FactName, FactValue, Field, FieldName, Vocabulary } from '#terms';
import type { ConsentOfField, Situation } from '../src/situation.js';
import type {
  PlainBundle,
  PlainConditions,
  PlainGoverns,
  PlainRegime,
  PlainRule,
  PlainTreatment,
} from './plain-policy.js';

export interface ReferenceDecision {
  readonly level: number;
  readonly granted: readonly string[];
  readonly cut: readonly string[];
  readonly duties: readonly string[];
  readonly lastResort: boolean;
  readonly alerts: readonly string[];
}

/**
 * The meaning once more, slowly: from the rules as written, one field, one level and one rule at a time. A level may
 * leave if every regime that governs has a share that grants it and no limit forbids it; the result is the highest that
 * may. Nothing here is shared with what it checks but the types.
 */
export function referenceDecide(
  plain: PlainBundle,
  vocabulary: Vocabulary,
  situation: Situation,
  names: readonly string[],
): ReadonlyMap<string, ReferenceDecision> {
  const decided = new Map(names.map((name) => [name, decideOne(plain, vocabulary, situation, name)]));
  const letter = [...decided].some(([name, { level }]) => level > 0 && !isEnvelope(name));
  if (!letter)
    for (const [name, one] of decided)
      if (isEnvelope(name)) decided.set(name, { ...one, level: 0, granted: [], lastResort: false });
  return decided;
}

function isEnvelope(name: string): boolean {
  return name.startsWith('envelope.');
}

function decideOne(plain: PlainBundle, vocabulary: Vocabulary, situation: Situation, name: string): ReferenceDecision {
  const field = vocabulary.fields.get(name as FieldName);
  if (field === undefined) return { level: 0, granted: [], cut: [], duties: [], lastResort: false, alerts: [] };
  const world: World = { vocabulary, situation, treatments: [] };
  const governing = governingRegimes(plain, world, field);
  const limits = [['core', { rules: plain.core }] as const, ...governing].flatMap(([regime, of]) =>
    of.rules
      .filter((rule) => rule.share === undefined)
      .map((rule) => ({ id: `${regime}/${rule.rule}`, rule, world: within(world, of) })),
  );
  const levels = field.scale.map((_, level) => level).filter((level) => level > 0);

  const shared = levels.filter(
    (level) =>
      governing.length > 0 &&
      governing.every(([, of]) => of.rules.some((rule) => grants(rule, field, level, within(world, of)))),
  );
  const result = Math.max(
    0,
    ...shared.filter((level) => !limits.some(({ rule, world: own }) => forbids(rule, field, level, own))),
  );

  const granted = governing.flatMap(([regime, of]) => {
    const reach = of.rules.filter((rule) => result > 0 && grants(rule, field, result, within(world, of)));
    const ordinary = reach.filter((rule) => rule['last resort'] === undefined);
    return (ordinary.length > 0 ? ordinary : reach).map((rule) => ({ id: `${regime}/${rule.rule}`, rule }));
  });
  const matching = limits.filter(({ rule, world: own }) => levels.some((level) => forbids(rule, field, level, own)));
  return {
    level: result,
    granted: granted.map(({ id }) => id),
    cut: matching
      .filter(({ rule, world: own }) => shared.some((level) => forbids(rule, field, level, own)))
      .map(({ id }) => id),
    duties: [...new Set([...granted, ...matching].flatMap(({ rule }) => rule.duties ?? []))],
    lastResort: granted.some(({ rule }) => rule['last resort'] !== undefined),
    alerts: [...granted, ...matching].filter(({ rule }) => rule.alert !== undefined).map(({ id }) => id),
  };
}

interface World {
  readonly vocabulary: Vocabulary;
  readonly situation: Situation;
  /** Of the regime whose rules are read. */
  readonly treatments: readonly PlainTreatment[];
}

function within(world: World, regime: { readonly 'treated as'?: readonly PlainTreatment[] }): World {
  return { ...world, treatments: regime['treated as'] ?? [] };
}

type Governing = readonly (readonly [string, Pick<PlainRegime, 'rules' | 'treated as'>])[];

function governingRegimes(plain: PlainBundle, world: World, field: Field): Governing {
  const { origins, travelled } = world.situation;
  const envelope = field.record === 'envelope';
  const inPlay = new Set<string>([
    ...origins,
    ...[...travelled].flatMap(([name, regimes]) => (envelope || name === field.name ? [...regimes] : [])),
  ]);
  const applies = (name: string, regime: PlainRegime, governs: PlainGoverns): boolean =>
    (governs.origins === 'every agency' || inPlay.has(name)) &&
    (envelope || governs.fields.some((word) => selects(word, field, false))) &&
    Object.entries(governs.under ?? {}).every(([key, words]) => factMatches(key, words, true, within(world, regime)));
  const known = Object.entries(plain.regimes).filter(([name, regime]) =>
    regime.governs.some((governs) => applies(name, regime, governs)),
  );
  // Nobody knows what an unknown regime shares: nothing, then.
  const unknown = [...inPlay].filter((name) => plain.regimes[name] === undefined);
  return [...known, ...unknown.map((name) => [name, { rules: [] }] as const)];
}

function grants(rule: PlainRule, field: Field, level: number, world: World): boolean {
  if (rule.share === undefined) return false;
  const names = (of: Field): number =>
    Math.max(0, ...(rule.share ?? []).map((selection) => levelSelected(selection, of)));
  const opens = (of: Field, at: number): boolean =>
    names(of) >= at &&
    matches(rule, of, at, true, world) &&
    !(rule.unless ?? []).some((map) => holds(map, of, undefined, true, world));
  if (opens(field, level)) return true;
  return (
    rule['names sender'] === 'yes' &&
    field.name === 'envelope.sender' &&
    [...world.vocabulary.fields.values()].some((of) => opens(of, 1))
  );
}

function forbids(rule: PlainRule, field: Field, level: number, world: World): boolean {
  const most = rule.withhold?.some((word) => selects(word, field, false))
    ? 0
    : field.scale.indexOf(
        Object.entries(rule['at most'] ?? {}).find(([word]) => selects(word, field, false))?.[1] ?? 'full',
      );
  return (
    level > most &&
    matches(rule, field, undefined, false, world) &&
    !(rule.unless ?? []).some((map) => holds(map, field, level, false, world))
  );
}

function levelSelected(
  selection: PlainRule['share'] extends readonly (infer One)[] | undefined ? One : never,
  field: Field,
): number {
  if (typeof selection === 'string') return selects(selection, field, true) ? field.scale.length - 1 : 0;
  return Math.max(
    0,
    ...Object.entries(selection).map(([word, name]) => (selects(word, field, true) ? field.scale.indexOf(name) : 0)),
  );
}

function selects(word: string, field: Field, share: boolean): boolean {
  if (word === field.name) return true;
  const alone = field.record === 'envelope' || field.name === 'service.enrolment';
  if (share && alone) return false;
  if (word === 'everything' || word === field.category) return true;
  if (word.startsWith('everything tagged ')) return field.tags.includes(word.slice('everything tagged '.length));
  if (!word.startsWith('everything except ')) return false;
  const excepted = word
    .slice('everything except '.length)
    .replace(/^\[(.*)\]$/, '$1')
    .split(', ');
  return !excepted.some((one) => selects(one, field, false));
}

/** `level` undefined: what she agreed to does not bound it. `share`: unknown fails its `when` and meets its `unless`. */
function matches(rule: PlainRule, field: Field, level: number | undefined, share: boolean, world: World): boolean {
  const purposes = rule['for purpose'];
  const conditions: PlainConditions[] = [...(rule.with ? [rule.with] : []), ...(rule.when ? [rule.when] : [])];
  if (purposes !== undefined && !purposeMatches(purposes, !share, world)) return false;
  if (!conditions.every((map) => every(map, field, level, !share, world))) return false;
  return rule['when any'] === undefined || rule['when any'].some((map) => every(map, field, level, !share, world));
}

/** An exception: what unknown does to it is the other way round. */
function holds(map: PlainConditions, field: Field, level: number | undefined, share: boolean, world: World): boolean {
  return every(map, field, level, share, world);
}

function every(map: PlainConditions, field: Field, level: number | undefined, closes: boolean, world: World): boolean {
  return Object.entries(map).every(([key, words]) => {
    if (key === 'purpose') return purposeMatches(words, closes, world);
    if (key === 'consent') return consentMatches(words, world.situation.consent.get(field.name), level);
    return factMatches(key, words, closes, world);
  });
}

function purposeMatches(words: readonly string[], closes: boolean, { vocabulary, situation }: World): boolean {
  return vocabulary.purposes.has(situation.purpose) ? words.includes(situation.purpose) : closes;
}

function consentMatches(
  words: readonly string[],
  said: ConsentOfField | undefined,
  level: number | undefined,
): boolean {
  const state = said === undefined || (said.state === 'agreed' && said.level === 0) ? 'not_asked' : said.state;
  if (state === 'agreed') return words.includes('agreed') && (level === undefined || level <= (said?.level ?? 0));
  return words.includes(state) || (state === 'inert' && words.includes('not_asked'));
}

function factMatches(key: string, words: readonly string[], closes: boolean, world: World): boolean {
  const { vocabulary, situation } = world;
  const fact = vocabulary.facts.get(key as FactName);
  if (fact === undefined) throw new Error(`no fact ${key}`);
  const value = situation.facts.get(fact.name) ?? fact.ifNobodyHasSaid;
  const list = [value].flat().filter((word) => word !== 'none');
  if (isUnknown(value, list, fact)) return closes && words.some((word) => !word.startsWith('known '));
  const plainWords = words.map((word) => word.replace(/^known /, ''));
  if (list.length === 0) return plainWords.includes('none');
  if (key === 'subject_role') return roleMatches(list, plainWords, closes, world);
  return list.some((one) => plainWords.some((word) => word === one || inBand(one, word)));
}

/** Roles one by one: opened by what each is treated as, closed also by what each is. */
function roleMatches(
  held: readonly string[],
  words: readonly string[],
  closes: boolean,
  { vocabulary, situation, treatments }: World,
): boolean {
  return held.some((role) => {
    const own = treatments.filter((treatment) => treatment.subject_role === role);
    if (own.length === 0 || closes) if (words.includes(role)) return true;
    if (!vocabulary.purposes.has(situation.purpose)) return closes && own.some(({ as }) => words.includes(as));
    const named = own.filter((treatment) => treatment['for purpose'].includes(situation.purpose));
    const others = own.filter((treatment) => treatment['for purpose'] === 'everything else');
    const [treated] = [...named, ...others];
    return words.includes(treated === undefined ? role : treated.as);
  });
}

function isUnknown(value: FactValue, list: readonly string[], fact: Fact): boolean {
  if (fact.kind === 'any of' && [value].flat().includes('none') && list.length > 0) return true;
  if (fact.kind !== 'any of' && (typeof value !== 'string' || value === 'none')) return true;
  return list.some((word) => !fact.values.includes(word));
}

/** `13 to 15` lies under 16, and is 13 and over. */
function inBand(band: string, word: string): boolean {
  const lowest = band.startsWith('under ') ? 0 : Number.parseInt(band, 10);
  const under = /^under (\d+)$/.exec(word)?.[1];
  const over = /^(\d+) and over$/.exec(word)?.[1];
  if (under !== undefined) return lowest < Number(under);
  return over !== undefined && lowest >= Number(over);
}
