import { type Compiled, CORE_PLACE } from './compile.js';

const SHARES = 1;
const NAMES_SENDER = 2;

/**
 * The rules of a compiled bundle in a few long arrays, one after the other. A question about thousands of rules meets a
 * dozen of them: what it takes is how often it goes to another place in memory.
 */
export class NumberedRules {
  /** Of each row: its rule, and the states of consent that it needs. */
  readonly ofRow: Int32Array;
  readonly consentOfRow: Int32Array;
  /** From a rule's number to the next one's: the places of its fields, each with its level. */
  readonly fieldsFrom: Int32Array;
  readonly fields: Uint16Array;
  readonly levels: Uint8Array;
  /** The rows of its exceptions. */
  readonly exceptionsFrom: Int32Array;
  readonly exceptionsTo: Int32Array;
  readonly regimes: Int32Array;
  private readonly kinds: Uint8Array;

  constructor({ rules, rows }: Compiled) {
    this.ofRow = Int32Array.from(rows, ({ rule }) => rule);
    this.consentOfRow = Int32Array.from(rows, ({ consent }) => consent);
    this.fieldsFrom = new Int32Array(rules.length + 1);
    for (const [at, { fields }] of rules.entries()) this.fieldsFrom[at + 1] = this.fieldsFrom[at]! + fields.length;
    this.fields = new Uint16Array(this.fieldsFrom[rules.length]!);
    this.levels = new Uint8Array(this.fields.length);
    for (const [at, { fields, levels }] of rules.entries()) {
      this.fields.set(fields, this.fieldsFrom[at]);
      this.levels.set(levels, this.fieldsFrom[at]);
    }
    this.exceptionsFrom = Int32Array.from(rules, ({ exceptions: [from] }) => from);
    this.exceptionsTo = Int32Array.from(rules, ({ exceptions: [, to] }) => to);
    this.regimes = Int32Array.from(rules, ({ regime }) => regime);
    this.kinds = Uint8Array.from(
      rules,
      ({ isShare, namesSender }) => (isShare ? SHARES : 0) | (namesSender ? NAMES_SENDER : 0),
    );
  }

  isOfCore(rule: number): boolean {
    return this.regimes[rule] === CORE_PLACE;
  }

  isShare(rule: number): boolean {
    return (this.kinds[rule]! & SHARES) !== 0;
  }

  namesSender(rule: number): boolean {
    return (this.kinds[rule]! & NAMES_SENDER) !== 0;
  }
}
