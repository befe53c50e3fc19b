/** Something in a mapping is not an expression that we evaluate; says where in its text. */
export class NotAnExpression extends Error {
  constructor(
    message: string,
    readonly offset: number,
  ) {
    super(message);
  }
}
