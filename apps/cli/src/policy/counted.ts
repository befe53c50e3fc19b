/** @example counted(1, 'rule') // '1 rule' */
export function counted(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`;
}
