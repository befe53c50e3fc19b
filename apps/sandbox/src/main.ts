import path from 'node:path';
import { startEmbeddedPostgres } from '../postgres/embedded.js';

const postgres = await startEmbeddedPostgres({ dir: path.resolve('.postern', 'postgres') });
console.log(`PostgreSQL answers on port ${postgres.port}.`);
const stop = async () => {
  await postgres.stop();
  process.exit(0);
};
if (process.argv.includes('--once')) await stop();
process.once('SIGINT', () => void stop());
process.once('SIGTERM', () => void stop());
setInterval(() => undefined, 60_000);
