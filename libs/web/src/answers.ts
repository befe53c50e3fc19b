import { HttpCode } from '@nestjs/common';

/** An answer to what was asked; nothing was made. Without it, a POST answers that something was created. */
export const Answers = (): MethodDecorator => HttpCode(200);

/** Taken, and said in one way whatever existed. */
export const Accepted = (): MethodDecorator => HttpCode(202);
