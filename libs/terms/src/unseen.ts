/**
 * Control characters, characters that are not drawn, that turn the direction of a line or are half of one. With them a
 * page can say one thing to who reads it and another to who decides by it. Line ends and tabs apart.
 */
const UNSEEN =
  /(?!\t|\r?\n)[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\p{Noncharacter_Code_Point}\u2800]/gu;

/** Where something stands that cannot be seen, and what it is called: `U+202E`. A byte order mark may open a text. */
export interface Unseen {
  readonly offset: number;
  readonly called: string;
}

/** The first `most` characters of a text that cannot be seen. */
export function unseenIn(text: string, most: number): readonly Unseen[] {
  const found: Unseen[] = [];
  for (const { 0: character, index } of text.matchAll(UNSEEN)) {
    if (index === 0 && character === '\ufeff') continue;
    found.push({ offset: index, called: codePoint(character) });
    if (found.length === most) break;
  }
  return found;
}

/** @example codePoint('о') // 'U+043E' */
export function codePoint(character: string): string {
  return `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;
}
