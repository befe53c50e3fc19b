/** @example counted(1, 'rule') // '1 rule' */
export function counted(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`;
}

/** @example inNumbers(12345678901234n) // '12,345,678,901,234'; beyond that '1.2 × 10^25' */
export function inNumbers(count: bigint): string {
  const digits = String(count);
  if (digits.length <= 15) return count.toLocaleString('en-GB');
  return `${digits[0]}.${digits[1]} × 10^${digits.length - 1}`;
}
