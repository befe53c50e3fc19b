// Loaded before a program that run.mjs starts. When whoever started it dies, even without a word, the program gets the
// SIGTERM that it knows how to end by. Programs that it starts in turn inherit this line and must not mind it.
if (process.env.POSTERN_STARTED_BY === String(process.ppid) && process.channel) {
  process.channel.unref();
  process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'));
}
