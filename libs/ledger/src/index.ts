export * from './entry.js';
export * from './error.js';
export * from './header.js';
export * from './log-store.js';
export * from './merkle.js';
export * from './receipt.js';
export * from './seal.js';
export * from './sequencer.js';
