/** Something about this machine or checkout stands in the way. The message is one sentence for whoever typed the command. */
export class CannotStart extends Error {}

/**
 * Ends the process as `main` says; where something stands in the way, with one sentence and 1.
 * @param {() => Promise<number>} main
 */
export async function endWith(main) {
  try {
    process.exitCode = await main();
  } catch (error) {
    if (!(error instanceof CannotStart)) throw error;
    console.error(`postern: ${error.message}`);
    process.exitCode = 1;
  }
}

/** @param {unknown} error @param {string} place */
export function fromFileSystem(error, place) {
  switch (error?.code) {
    case 'ENOSPC':
    case 'EDQUOT':
      return new CannotStart(`The disk that holds ${place} is full; free some space.`);
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return new CannotStart(`You have no permission to write in ${place}.`);
    default:
      return error;
  }
}
