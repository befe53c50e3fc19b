import { Lexer } from 'yaml';

/** How large a page is, as far as it was read before it went beyond a bound. */
export interface Measured {
  /** Words, marks and line ends, each one. */
  readonly tokens: number;
  /** How often `key` is the key of something. */
  readonly keys: number;
  readonly beyond?: { readonly bound: 'depth' | 'tokens' | 'keys'; readonly offset: number };
}

export interface YamlBounds {
  readonly depth: number;
  readonly tokens: number;
  readonly keys?: { readonly key: string; readonly most: number };
}

/**
 * Reads a page token by token, which costs little and always the same, and stops where a bound is passed.
 *
 * THREAT: what reads YAML whole descends by recursion and keeps everything: a page of brackets exhausts its stack, and of a
 * page of errors it remembers each.
 */
export function measureYaml(text: string, { depth, tokens: mostTokens, keys: wanted }: YamlBounds): Measured {
  let [offset, tokens, keys, brackets, dashesOnLine] = [0, 0, 0, 0, 0];
  let isAfterKey = false;
  for (const token of new Lexer().lex(text)) {
    // What opens a document, a flow or a scalar is told apart by tokens that take no room.
    if (token === '\u0002' || token === '\u0018' || token === '\u001f') continue;
    tokens += 1;
    if (token === '[' || token === '{') brackets += 1;
    else if (token === ']' || token === '}') brackets -= 1;
    else if (token === '\n' || token === '\r\n') dashesOnLine = 0;
    else if (token === '-' || token === '?') dashesOnLine += 1;
    if (token === ':' && isAfterKey) keys += 1;
    if (token.trim() !== '') isAfterKey = wanted !== undefined && unquoted(token) === wanted.key;
    if (brackets > depth || dashesOnLine > depth) return { tokens, keys, beyond: { bound: 'depth', offset } };
    if (tokens > mostTokens) return { tokens, keys, beyond: { bound: 'tokens', offset } };
    if (wanted !== undefined && keys > wanted.most) return { tokens, keys, beyond: { bound: 'keys', offset } };
    offset += token.length;
  }
  return { tokens, keys };
}

function unquoted(token: string): string {
  return token.length > 2 && (token[0] === '"' || token[0] === "'") ? token.slice(1, -1) : token;
}
