/** Something stands in the way of the sandbox. The message is one sentence for whoever typed the command. */
export class SandboxError extends Error {
  override readonly name = 'SandboxError';
}
