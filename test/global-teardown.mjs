import { rmSync } from 'node:fs';

export default async function tearDown() {
  if (globalThis.posternTest === undefined) return;
  const { postgres, folder } = globalThis.posternTest;
  await postgres.discard();
  rmSync(folder, { recursive: true, force: true });
}
