import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Caller } from '#disclosure';
import { parseVocabulary } from '#terms';
import { readBody } from '#web';
import { QuestionBody, questionOf } from './question-body.js';

const file = path.resolve(import.meta.dirname, '..', '..', '..', '..', 'policies', 'vocabulary.yaml');
const vocabulary = parseVocabulary(readFileSync(file, 'utf8'), 'vocabulary.yaml');
const asker = { agency: 'county-police', officer: 'o-1', role: 'police_officer' } as Caller;
const asked = {
  decision: '0b1e2f9a-7c1d-4a55-8e02-5d6f3a9b1c77',
  subject: 'A'.repeat(22),
  fields: ['contact.safe_phone', 'person.alias'],
  purpose: 'emergency',
};

describe('a question as it is read', () => {
  it('declares nothing by itself', () => {
    const question = questionOf(readBody(QuestionBody, asked), asker, vocabulary);
    expect(question).toEqual({ ...asked, asker, declares: [], states: new Map() });
  });

  it('keeps the reason of what it declares, for the ledger and for whoever reviews it', () => {
    const declares = [{ ground: 'serious_imminent_threat', reason: 'He said tonight.' }];
    const body = readBody(QuestionBody, { ...asked, declares, emergency: { reason: 'He is at the door.' } });
    const question = questionOf(body, asker, vocabulary);
    expect(question.declares.map((each) => ({ ...each }))).toEqual(declares);
    expect([...question.states]).toEqual([['emergency_declared', { word: 'yes', reason: 'He is at the door.' }]]);
  });
});
