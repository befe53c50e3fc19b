import * as fc from 'fast-check';
import { PolicyError } from '../src/error.js';
import { parseBundle } from '../src/parse-bundle.js';
import { parseSituation } from '../src/parse-situation.js';
import { shippedFiles } from './shipped-policies.js';
import { smallBundle, smallFiles, vocabulary } from './small-policies.js';

const shipped = shippedFiles();

/** A shipped file in which a stretch was cut, doubled or written over: nearly right, which is where readers trip. */
const damaged = fc
  .record({
    file: fc.constantFrom(...shipped),
    from: fc.double({ min: 0, max: 1, noNaN: true }),
    length: fc.integer({ min: 0, max: 40 }),
    instead: fc.oneof(
      fc.string({ maxLength: 8, unit: 'binary' }),
      fc.constantFrom(
        '',
        '\n',
        '\n\n  ',
        ': ',
        '- ',
        '[',
        '}',
        '&a ',
        '*a',
        '!!map ',
        '<<: ',
        '? ',
        '---\n',
        '|\n',
        '"',
        "'",
        '#',
        '\t',
        'null',
        '~',
        '__proto__',
        'everything',
      ),
    ),
  })
  .map(({ file, from, length, instead }) => {
    const at = Math.floor(from * file.text.length);
    return { path: file.path, text: file.text.slice(0, at) + instead + file.text.slice(at + length) };
  });

/** Whole, or refused with places; anything else is a fault of the reader. */
function wholeOrRefused(read: () => unknown): boolean {
  try {
    read();
    return true;
  } catch (error) {
    if (!(error instanceof PolicyError)) throw error;
    return (
      error.problems.length > 0 &&
      error.problems.every(({ line, column, message }) => line > 0 && column > 0 && message !== '')
    );
  }
}

function firstFailure<Drawn>(property: fc.IProperty<Drawn>, numRuns: number): string | undefined {
  return fc.defaultReportMessage(fc.check(property, { numRuns }));
}

describe('any text', () => {
  it('in the place of a policy is read whole or refused at a place', () => {
    const path = fc.constantFrom('us-health/regime.yaml', 'us-health/a.yaml', 'us-health/a.cases.yaml', 'core/a.yaml');
    const text = fc.oneof(fc.string({ maxLength: 200, unit: 'binary' }), fc.json());
    const property = fc.property(path, text, (where, what) => wholeOrRefused(() => smallBundle({ [where]: what })));
    expect(firstFailure(property, 150)).toBeUndefined();
  });

  it('that was nearly a policy is too', () => {
    const property = fc.property(damaged, ({ path, text }) => {
      const around = shipped.filter((file) => file.path.endsWith('/regime.yaml') && file.path !== path);
      return wholeOrRefused(() => parseBundle([...around, { path, text }], vocabulary));
    });
    expect(firstFailure(property, 80)).toBeUndefined();
  });

  it('in the place of a situation is too', () => {
    const bundle = parseBundle(smallFiles({}), vocabulary);
    const text = fc.oneof(fc.string({ maxLength: 60, unit: 'binary' }), fc.json());
    expect(
      firstFailure(
        fc.property(text, (what) => wholeOrRefused(() => parseSituation(what, bundle))),
        200,
      ),
    ).toBeUndefined();
  });
});
