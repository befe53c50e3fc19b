export * from './ids.js';
export * from './instant.js';
export * from './value.js';
export * from './vocabulary.js';
