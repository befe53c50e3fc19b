import { applyDecorators } from '@nestjs/common';
import { ApiProperty } from '@nestjs/swagger';
import { IsArray, IsObject, ValidateIf, ValidateNested } from 'class-validator';

type Class = new () => object;

export interface Nested {
  readonly type: () => Class;
  readonly many: boolean;
}

const declared = new WeakMap<object, Map<string, Nested>>();

/** What `One` or `Many` declared for a property, on the class or on one that it extends. */
export function nestedIn(type: Class, property: string): Nested | undefined {
  for (let at: unknown = type.prototype; typeof at === 'object' && at !== null; at = Object.getPrototypeOf(at)) {
    const nested = declared.get(at)?.get(property);
    if (nested !== undefined) return nested;
  }
  return undefined;
}

/**
 * A field that may be left out. Unlike class-validator's `IsOptional` it does not let `null` pass for a value.
 *
 * @example @Optional() @IsString() unit?: string;
 */
export function Optional(): PropertyDecorator {
  return applyDecorators(
    ValidateIf((_object, value) => value !== undefined),
    ApiProperty({ required: false }),
  );
}

/** A field that is one object of another class; a list of them, which `ValidateNested` would take as well, is refused. */
export function One(type: () => Class): PropertyDecorator {
  return applyDecorators(
    declare({ type, many: false }),
    IsObject(),
    ValidateNested(),
    ApiProperty({ type: () => type() }),
  );
}

/** A field that is a list of objects of another class. */
export function Many(type: () => Class): PropertyDecorator {
  return applyDecorators(
    declare({ type, many: true }),
    IsArray(),
    ValidateNested({ each: true }),
    ApiProperty({ type: () => [type()] }),
  );
}

function declare(nested: Nested): PropertyDecorator {
  return (prototype, property) => {
    const properties = declared.get(prototype) ?? new Map<string, Nested>();
    declared.set(prototype, properties.set(String(property), nested));
  };
}
