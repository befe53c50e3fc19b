import path from 'node:path';
import { LaunchError, startEmbeddedPostgres } from '../postgres/embedded.js';

const postgres = await startEmbeddedPostgres({ dir: path.resolve('.postern', 'postgres') }).catch((error: unknown) => {
  if (!(error instanceof LaunchError)) throw error;
  console.error(`postern: ${error.message}`);
  process.exit(1);
});
console.log(`PostgreSQL answers on port ${postgres.port}.`);
const stop = async () => {
  await postgres.stop();
  process.exit(0);
};
if (process.argv.includes('--once')) await stop();
process.once('SIGINT', () => void stop());
process.once('SIGTERM', () => void stop());
setInterval(() => undefined, 60_000);
