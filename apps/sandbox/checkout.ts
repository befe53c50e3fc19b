import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The folder that was cloned, found alike from the sources and from what they are compiled to. */
export const CHECKOUT = nearest(import.meta.dirname);

function nearest(folder: string): string {
  if (existsSync(join(folder, 'package.json'))) return folder;
  const above = dirname(folder);
  if (above === folder) throw new Error('the sandbox runs from its checkout only');
  return nearest(above);
}
