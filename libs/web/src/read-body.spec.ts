import { plainToInstance, Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayMinSize,
  ArrayUnique,
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsOptional,
  IsString,
  Matches,
  MaxLength,
  Min,
  ValidateIf,
  validateSync,
} from 'class-validator';
import * as fc from 'fast-check';
import { WebError } from './error.js';
import { Many, One, Optional } from './nested.js';
import { BodyPipe, readBody } from './read-body.js';

class Declared {
  @IsString() @IsIn(['serious_imminent_threat', 'emergency_declared']) ground: string;
  @IsString() @MaxLength(20) reason: string;
}

class Window {
  @IsInt() @Min(1) days: number;
}

class AskBase {
  @IsString() @Matches(/^[a-z0-9-]{3,8}$/) decision: string;
}

class Ask extends AskBase {
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(3)
  @ArrayUnique()
  @IsString({ each: true })
  @Matches(/^[a-z]+\.[a-z]+$/, { each: true })
  fields: string[];

  @Optional() @IsBoolean() urgent?: boolean;
  @Optional() @Many(() => Declared) @Type(() => Declared) declares?: Declared[];
  @Optional() @One(() => Window) @Type(() => Window) window?: Window;
}

const good = { decision: 'd-1', fields: ['person.name'], declares: [{ ground: 'emergency_declared', reason: 'fire' }] };

/** class-transformer and class-validator as everybody uses them: slow, and the judge of what our walk accepts. */
function reference(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  // The one verdict of theirs that we do not share: a list passes where an object is wanted, as long as it is empty.
  if ('declares' in value && Array.isArray(value.declares) && value.declares.some(Array.isArray)) return false;
  const options = { whitelist: true, forbidNonWhitelisted: true, forbidUnknownValues: true };
  return validateSync(plainToInstance(Ask, value), options).length === 0;
}

function refusal(value: unknown): WebError | undefined {
  try {
    readBody(Ask, value);
    return undefined;
  } catch (error) {
    if (error instanceof WebError && error.code === 'BODY_INVALID' && error.flaws.length > 0) return error;
    throw error;
  }
}

describe('readBody', () => {
  it('gives instances of the declared classes', () => {
    const ask = readBody(Ask, { ...good, window: { days: 2 } });
    expect(ask).toBeInstanceOf(Ask);
    expect(ask.declares?.[0]).toBeInstanceOf(Declared);
    expect(ask.window).toBeInstanceOf(Window);
    expect(ask).toEqual(Object.assign(new Ask(), { ...good, window: { days: 2 } }));
  });

  it("accepts exactly what class-validator's own walk accepts", () => {
    const anything = fc.oneof(
      fc.constantFrom(null, 1, 0, '', 'x', true, [], {}, ['a.b'], [['a.b']], [null]),
      fc.jsonValue({ maxDepth: 2 }),
    );
    const usually = <T>(arbitrary: fc.Arbitrary<T>) =>
      fc.oneof({ weight: 40, arbitrary }, { weight: 1, arbitrary: anything });
    const often = <T>(right: fc.Arbitrary<T>, wrong: fc.Arbitrary<T>) =>
      usually(fc.oneof({ weight: 30, arbitrary: right }, { weight: 1, arbitrary: wrong }));
    const declared = fc.record({
      ground: often(fc.constant('emergency_declared'), fc.constant('hunch')),
      reason: often(fc.constant('fire'), fc.constant('x'.repeat(21))),
    });
    const field = fc.constantFrom('a.b', 'a.c', 'b.c', 'b.d');
    const body = fc.record(
      {
        decision: often(fc.constantFrom('d-1', 'abcd'), fc.constantFrom('D-1', 'd')),
        fields: often(
          fc.uniqueArray(field, { minLength: 1, maxLength: 3 }),
          fc.array(fc.oneof(field, fc.constant('ab')), { maxLength: 5 }),
        ),
        urgent: usually(fc.boolean()),
        declares: usually(fc.array(usually(declared), { maxLength: 2 })),
        window: usually(fc.record({ days: often(fc.integer({ min: 1 }), fc.integer({ max: 0 })) })),
        extra: anything,
      },
      { requiredKeys: ['decision', 'fields'] },
    );
    const seen = { yes: 0, no: 0 };
    fc.assert(
      fc.property(
        fc.oneof({ weight: 30, arbitrary: body }, { weight: 1, arbitrary: anything }),
        fc.integer({ min: 0, max: 5 }),
        (value, extra) => {
          if (extra > 0 && typeof value === 'object' && value !== null) Reflect.deleteProperty(value, 'extra');
          const expected = reference(value);
          seen[expected ? 'yes' : 'no'] += 1;
          expect(refusal(value) === undefined).toBe(expected);
        },
      ),
      { numRuns: 600, seed: 7 },
    );
    expect(Math.min(seen.yes, seen.no)).toBeGreaterThan(100);
  });

  it.each<[string, unknown, { pointer: string; detail?: unknown }]>([
    [
      'a field that does not exist',
      { ...good, colour: 1 },
      { pointer: '#/colour', detail: 'is not a field of this request' },
    ],
    ['one inside another', { ...good, window: { days: 1, ['a/b']: 1 } }, { pointer: '#/window/a~1b' }],
    ['one inside a list', { ...good, declares: [{ ...good.declares[0], by: 1 }] }, { pointer: '#/declares/0/by' }],
    ['a missing field', { fields: good.fields }, { pointer: '#/decision' }],
    ['null for a field that may be left out', { ...good, urgent: null }, { pointer: '#/urgent' }],
    ['a number in quotes', { ...good, window: { days: '1' } }, { pointer: '#/window/days' }],
    ['an object for a text', { ...good, decision: { $ne: '' } }, { pointer: '#/decision' }],
    ['a list for an object', { ...good, window: [{ days: 1 }] }, { pointer: '#/window' }],
    ['an object for a list', { ...good, declares: { 0: good.declares[0] } }, { pointer: '#/declares' }],
    ['a text in a list of objects', { ...good, declares: ['x'] }, { pointer: '#/declares/0' }],
    [
      'a wrong item',
      { ...good, declares: [good.declares[0], { ground: 'x', reason: 'y' }] },
      { pointer: '#/declares/1/ground' },
    ],
    ['a constructor', { ...good, constructor: { name: 'Object' } }, { pointer: '#/constructor' }],
    ['a list', [good], { pointer: '#', detail: 'must be an object' }],
    ['nothing', undefined, { pointer: '#', detail: 'must be an object' }],
  ])('names %s', (_, value, flaw) => {
    expect(refusal(value)?.flaws).toContainEqual(expect.objectContaining(flaw));
  });

  it('lists at most 20 flaws, however many fields were made up', () => {
    const made = Object.fromEntries(Array.from({ length: 500 }, (_, index) => [`x${index}`, 1]));
    expect(refusal(made)?.flaws).toHaveLength(20);
  });

  it('refuses to guess at rules it does not read', () => {
    class Conditional {
      @ValidateIf(() => true, { groups: ['x'] }) @IsString({ groups: ['x'] }) name: string;
    }
    class Undeclared {
      name: string;
    }
    expect(() => readBody(Conditional, { name: 'x' })).toThrow(TypeError);
    expect(() => readBody(Undeclared, { name: 'x' })).toThrow(TypeError);
    expect(() => new BodyPipe().transform({}, { type: 'body', metatype: Object })).toThrow(TypeError);
    expect(() => new BodyPipe().transform({}, { type: 'body', metatype: undefined })).toThrow(TypeError);
  });

  it('reads IsOptional as class-validator does, null included', () => {
    class Lenient {
      @IsOptional() @IsString() name?: string;
    }
    expect(readBody(Lenient, { name: null })).toEqual({ name: null });
  });
});
