import { type StoredEntry, decodeHeader, unseal } from '#ledger';
import type { Bundle, ConsentOfField } from '#policy';
import { type EntryId, type FieldName, type Instant, type Vocabulary, levelName, NOTHING } from '#terms';
import type { Bundles } from './account-for.js';
import type { Directory } from './agency.js';
import { ENTRY_TYPE } from './change.js';
import type { DecisionRecord, DiscloserRecord, SituationRecord } from './decision-record.js';
import { SERVICE_ENROLMENT } from './enrolment.js';
import { decodeBody } from './entry-body.js';
import { type WrappedKeys, anyKeyOf } from './fold-tail.js';
import { FoldedLog } from './folded-log.js';
import type { Keyring } from './ports.js';

export interface DecisionsFrom {
  readonly logId: Uint8Array;
  readonly entries: AsyncIterable<StoredEntry>;
  readonly bundles: Bundles;
  readonly directory: Directory;
  readonly keyring: Keyring;
  readonly wrappedKeys: WrappedKeys;
  /** Decisions before this are left out. */
  readonly since?: Instant;
}

/** How many decisions there were, and of how many of them nothing can be told any more: erased, or their policies gone. */
export interface Exported {
  readonly decisions: number;
  readonly untold: number;
}

/**
 * Recorded decisions as lines of JSON, for `postern policy replay`: one for each agency that could disclose, and each set
 * of grounds that a person there confirmed. Neither a value nor a name of hers is in it; but facts about her are, so that
 * it is the operator's to keep, as the ledger is.
 *
 * @example
 * for await (const line of exportDecisions(from)) file.write(line);
 */
export async function* exportDecisions(from: DecisionsFrom): AsyncGenerator<string, Exported> {
  let [decisions, untold] = [0, 0];
  for await (const entry of from.entries) {
    const header = decodeHeader(entry.header);
    if (header.type !== ENTRY_TYPE.decision) continue;
    const bundle = await from.bundles.find(Buffer.from(header.policy).toString('hex'));
    const record = bundle === undefined ? undefined : await decisionIn(from, entry, bundle.vocabulary);
    if (record !== undefined && from.since !== undefined && record.at < from.since) continue;
    decisions += 1;
    if (bundle === undefined || record === undefined) untold += 1;
    else
      for (const told of toldOf(Buffer.from(header.id).toString('hex') as EntryId, record, bundle, from.directory))
        yield `${JSON.stringify(told)}\n`;
  }
  return { decisions, untold };
}

async function decisionIn(
  from: DecisionsFrom,
  entry: StoredEntry,
  vocabulary: Vocabulary,
): Promise<DecisionRecord | undefined> {
  if (entry.content === undefined) return undefined;
  const key = await anyKeyOf({ ...from, known: NOBODY }, entry);
  return key === undefined ? undefined : decodeBody(unseal(from.logId, entry, key), vocabulary).decision;
}

/** Keys are looked up where they are kept; the map of who is linked with whom is not needed for it. */
const NOBODY = new FoldedLog();

function toldOf(
  entry: EntryId,
  record: DecisionRecord,
  { vocabulary }: Bundle,
  directory: Directory,
): readonly object[] {
  return record.disclosers.flatMap((part) => {
    const byGrounds = Map.groupBy(record.fields, (field) => (part.confirmed.get(field) ?? []).toSorted().join(' '));
    return [...byGrounds].map(([grounds, fields], at) => ({
      decision: [entry, part.agency, ...(at === 0 ? [] : [String(at + 1)])].join('/'),
      at: new Date(record.at).toISOString(),
      purpose: record.purpose,
      ...situationTold(part, vocabulary, grounds === '' ? undefined : grounds.split(' ')),
      left: Object.fromEntries(
        fields.map((field) => [field, nameOfLevel(field, part.levels.get(field) ?? NOTHING, vocabulary)]),
      ),
      asking: askingTold(record, part, vocabulary, directory),
    }));
  });
}

/** Everything that was resolved then: what nobody had said anything of is left out of the ledger, and is said here. */
function situationTold(record: SituationRecord, vocabulary: Vocabulary, confirmed?: readonly string[]): object {
  const facts = [...vocabulary.facts.values()]
    .filter(({ name }) => name !== 'consent')
    .map(({ name, ifNobodyHasSaid }) => [name, record.facts.get(name) ?? ifNobodyHasSaid] as const);
  const consent = [...record.consent].filter(([, { state }]) => state !== 'not_asked');
  return {
    origins: record.origins,
    travelled: Object.fromEntries(record.travelled),
    facts: { ...Object.fromEntries(facts), ...(confirmed !== undefined && { discloser_confirms: confirmed }) },
    consent: Object.fromEntries(consent.map(([field, said]) => [field, consentTold(field, said, vocabulary)])),
  };
}

function consentTold(field: FieldName, { state, level }: ConsentOfField, vocabulary: Vocabulary): object {
  return state === 'agreed' ? { state, level: nameOfLevel(field, level, vocabulary) } : { state };
}

/**
 * Where a regime had a word in whether the asker might ask, all of it is recorded. Where none had, it is known only which
 * bind the asker; and of an agency that is no longer enrolled not even that.
 */
function askingTold(
  { asker }: DecisionRecord,
  part: DiscloserRecord,
  vocabulary: Vocabulary,
  directory: Directory,
): object | 'not known' {
  const recorded = part.refusedAsking ?? part.grantedAsking;
  if (recorded !== undefined) {
    const said = recorded.consent.get(SERVICE_ENROLMENT);
    const consent = said === undefined ? new Map() : new Map([[SERVICE_ENROLMENT, said]]);
    return situationTold({ ...recorded, consent }, vocabulary);
  }
  const agency = directory.get(asker.agency);
  return agency === undefined ? 'not known' : { origins: [...agency.regimes] };
}

function nameOfLevel(name: FieldName, level: number, { fields }: Vocabulary): string {
  const field = fields.get(name);
  return field === undefined ? 'nothing' : levelName(field, level as never);
}
