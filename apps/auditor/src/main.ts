import { audit } from './audit.js';

const { code, text } = await audit(process.argv.slice(2), process.stdin);
(code === 2 || code === 3 ? process.stderr : process.stdout).write(text);
process.exitCode = code;
