import { interned } from './interned.js';

describe('interned', () => {
  it.each(['sector', '', '__proto__', 'constructor', '0', '07', ' x ', 'é', 'x'.repeat(5_000)])(
    'gives %j as it is',
    (text) => expect(interned(text)).toBe(text),
  );
});
