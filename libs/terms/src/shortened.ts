/** What a message may quote of a file: enough to find it, on one line, never a page of it. */
export function shortened(text: string, most = 60): string {
  // Whoever complains of a character may have taken it apart.
  const line = text
    .slice(0, 4 * most)
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/\p{Cs}/gu, '\u{fffd}');
  if (line.length <= most) return line;
  // A character of two halves is quoted whole or not at all.
  return `${line.slice(0, most - 3).replace(/[\ud800-\udbff]$/, '')}...`;
}
