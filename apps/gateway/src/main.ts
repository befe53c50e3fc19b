import { GatewayError } from './error.js';
import { readConfig } from './read-config.js';
import { startGateway } from './start-gateway.js';

const [file = 'gateway.yaml'] = process.argv.slice(2);

try {
  const gateway = await startGateway(await readConfig(file, process.env));
  const end = (): void => void gateway.close().then(() => process.exit(0));
  process.once('SIGINT', end);
  process.once('SIGTERM', end);
  // Revocation lists end. Whoever writes new ones says so; where they cannot be read, the old ones stay.
  process.on('SIGHUP', () => {
    void readConfig(file, process.env)
      .then(({ credentials }) => gateway.renew(credentials))
      .then(() => gateway.readMembers())
      .catch(complain);
  });
} catch (error) {
  complain(error);
  process.exitCode = 1;
}

function complain(error: unknown): void {
  if (!(error instanceof GatewayError)) throw error;
  console.error(`postern: ${error.message}`);
}
