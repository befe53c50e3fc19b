import { applyDecorators } from '@nestjs/common';
import { ApiProperty } from '@nestjs/swagger';
import { ValidateBy, type ValidationOptions } from 'class-validator';

/**
 * A field that is a text of one shape, anchored at both ends. One check where `IsString`, `MaxLength` and `Matches` are
 * three: a question names 40 fields. `what` completes the sentence "must be …".
 *
 * @example @IsArray() @Text(/^[a-z_]+\.[a-z_]+$/, 'a field such as person.birth_date', { each: true }) fields: string[];
 */
export function Text(pattern: RegExp, what: string, options?: ValidationOptions): PropertyDecorator {
  if (!pattern.source.startsWith('^') || !pattern.source.endsWith('$') || pattern.global || pattern.sticky)
    throw new TypeError('the pattern of a text is anchored, and remembers nothing');
  const each = options?.each === true;
  const rule = ValidateBy(
    {
      name: 'text',
      constraints: [pattern.source],
      validator: {
        validate: (value): boolean => typeof value === 'string' && pattern.test(value),
        defaultMessage: () => `${each ? 'each ' : ''}must be ${what}`,
      },
    },
    options,
  );
  const item = { type: 'string', pattern: pattern.source, description: what } as const;
  return applyDecorators(rule, ApiProperty(each ? { type: 'array', items: item } : item));
}
