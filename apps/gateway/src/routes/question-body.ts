import type { Caller, Question } from '#disclosure';
import type { DecisionId, FactName, FieldName, HandleId, Purpose, Vocabulary } from '#terms';
import { Many, One, Optional, Text } from '#web';
import { AHandle, AReason, AWord, UUID, WordList, AtMost } from './shapes.js';
import { Words } from './words.js';

const MOST_FIELDS = 100;
const MOST_DECLARED = 10;
const ASKER_DECLARES = 'asker_declares' as FactName;
const EMERGENCY = 'emergency_declared' as FactName;

class DeclarationBody {
  @AWord() ground: string;
  @AReason() reason: string;
}

class EmergencyBody {
  @AReason() reason: string;
}

export class QuestionBody {
  @Text(UUID, 'a UUID in lower case: the name of this question, never used before') decision: string;
  @AHandle() subject: string;
  @WordList(MOST_FIELDS) fields: string[];
  @AWord() purpose: string;
  @Optional() @AtMost(MOST_DECLARED) @Many(() => DeclarationBody) declares?: DeclarationBody[];
  @Optional() @One(() => EmergencyBody) emergency?: EmergencyBody;
}

/** The question in words that we know, or every word that we do not. */
export function questionOf(body: QuestionBody, asker: Caller, vocabulary: Vocabulary): Question {
  const words = new Words();
  const fields = words.all<FieldName>(body.fields, vocabulary.fields, '#/fields');
  for (const [index, name] of fields.entries())
    if (name.startsWith('envelope.')) words.flaw(`#/fields/${index}`, 'comes with an answer and is not asked for');
  const purpose = words.known<Purpose>(body.purpose, vocabulary.purposes, '#/purpose');
  const declares = body.declares ?? NONE;
  if (declares.length > 0) {
    const grounds = new Set(vocabulary.facts.get(ASKER_DECLARES)?.values);
    const seen = new Set<string>();
    for (const [index, { ground }] of declares.entries()) {
      words.known(ground, grounds, `#/declares/${index}/ground`);
      if (seen.has(ground)) words.flaw(`#/declares/${index}/ground`, 'is declared twice');
      seen.add(ground);
    }
  }
  words.check();
  return {
    decision: body.decision as DecisionId,
    asker,
    subject: body.subject as HandleId,
    fields,
    purpose,
    declares,
    states:
      body.emergency === undefined
        ? NOTHING_STATED
        : new Map([[EMERGENCY, { word: 'yes', reason: body.emergency.reason }]]),
  };
}

const NONE: readonly DeclarationBody[] = [];
const NOTHING_STATED: Question['states'] = new Map();
