#!/usr/bin/env node
import { main } from './main.js';
import { removeUnfinished } from './output/staged-files.js';

const cancel = new AbortController();

function onSignal(code: number): () => void {
  return () => {
    if (cancel.signal.aborted) {
      // The second time: at once.
      removeUnfinished();
      process.exit(code);
    }
    cancel.abort();
    process.stderr.write('cancelling; once more to stop at once\n');
  };
}

process.on('SIGINT', onSignal(130));
process.on('SIGTERM', onSignal(143));
process.on('exit', removeUnfinished);
// A reader that has seen enough, like head, is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(0);
});

process.exitCode = await main(process.argv.slice(2), {
  stdout: process.stdout,
  stderr: process.stderr,
  signal: cancel.signal,
});
