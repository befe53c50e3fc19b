import Table from 'cli-table3';
import pc from 'picocolors';
import { type Exchange, type ExplainedField, type Explanation, NOTHING_SHARES_IT } from './exchange.js';
import type { Step } from './story.js';

/** One step as somebody at a terminal reads it: what was asked, what came back, why, and what proves it. */
export function inPrint(step: Step): string {
  const letter = step.id === 'before' ? 'Before' : `(${step.id})`;
  const head = pc.bold(`${letter} ${step.title}`);
  const told = step.told.map((sentence) => `    ${sentence}`);
  const exchanges = step.exchanges.map(exchangeInPrint);
  const wrong = step.wrong.map((sentence) => pc.red(`    Not as it should be: ${sentence}`));
  return ['', head, ...told, ...exchanges, ...wrong].join('\n');
}

function exchangeInPrint(asked: Exchange): string {
  const unit = asked.unit === undefined ? '' : `, ${asked.unit.replaceAll('-', ' ')}`;
  const who = `    ${pc.cyan(`${asked.asker}${unit}`)} asks, for ${asked.purpose.replaceAll('_', ' ')}:`;
  const extra = [
    ...(asked.duties.length > 0 ? [`    With these duties: ${asked.duties.map(plain).join('; ')}.`] : []),
    ...(asked.validUntil === undefined ? [] : [`    Good until ${asked.validUntil.slice(0, 10)}.`]),
    `    Receipt ${asked.receipt.slice(0, 16)}…  ledger entry ${asked.entry.slice(0, 8)}…  ${
      asked.receiptHolds ? pc.green('signature holds') : pc.red('signature does not hold')
    }`,
  ];
  return [who, indented(answerTable(asked)), ...asked.explanations.map(explanationInPrint), ...extra].join('\n');
}

function answerTable(asked: Exchange): string {
  const table = new Table({ head: ['field', 'level', 'value'], colWidths: [34, 10, 56], wordWrap: true, style: STYLE });
  for (const field of asked.wanted) {
    const got = asked.received.filter((received) => received.field === field);
    if (got.length === 0) table.push([field, '', pc.dim('not available')]);
    for (const { level, value, from } of got) {
      table.push([
        field,
        level.replaceAll('_', ' '),
        `${shown(value)}${from === undefined ? '' : pc.dim(` (${from})`)}`,
      ]);
    }
  }
  return table.toString();
}

function explanationInPrint({ discloser, answered, fields }: Explanation): string {
  const named = fields.filter((each) => each.level !== 'nothing' || each.because !== NOTHING_SHARES_IT);
  const rest = fields.filter((each) => !named.includes(each)).map(({ field }) => field);
  const table = new Table({
    head: ['field', 'level', 'rule that decided'],
    colWidths: [34, 10, 56],
    wordWrap: true,
    style: STYLE,
  });
  for (const each of named) table.push([each.field, levelOf(each, answered), each.because]);
  return [
    `    What ${pc.cyan(discloser)} reads of it:`,
    ...(named.length > 0 ? [indented(table.toString())] : []),
    ...(rest.length > 0 ? [`    Nothing shares, as things are: ${rest.join(', ')}.`] : []),
  ].join('\n');
}

/** No colours: they end up in files. */
const STYLE = { head: [], border: [], compact: true };

function levelOf({ level, released }: ExplainedField, answered: boolean): string {
  if (level === 'nothing' || released) return plain(level);
  return `${plain(level)}, ${answered ? 'none held' : 'no answer'}`;
}

function shown(value: unknown): string {
  if (Array.isArray(value)) return value.map(shown).join('; ');
  if (typeof value === 'object' && value !== null) return Object.values(value).map(shown).join(', ');
  return String(value);
}

function plain(word: string): string {
  return word.replaceAll('_', ' ');
}

function indented(text: string): string {
  return text
    .split('\n')
    .map((line) => `    ${line}`)
    .join('\n');
}
