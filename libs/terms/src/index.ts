export { bandOf } from './band.js';
export { inWords, type Problem, TermsError, type TermsErrorCode } from './error.js';
export * from './ids.js';
export * from './instant.js';
export { FULL, higherOf, levelName, levelNamed, lowerOf } from './level.js';
export { nearestWord } from './nearest-word.js';
export { parseVocabulary } from './parse-vocabulary.js';
export * from './value.js';
export * from './vocabulary.js';
