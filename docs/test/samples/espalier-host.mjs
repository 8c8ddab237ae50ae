// Runs the command `espalier` for samples, one after the other, in one process: starting Node for each takes longer than most of them.
// A message is { id, args, folder }; the answer { id, code, stdout, stderr }.
import { pathToFileURL } from 'node:url';

const [, , entry] = process.argv;
const { main } = await import(pathToFileURL(entry).href);

// One at a time: the folder is that of the whole process.
let last = Promise.resolve();
process.on('message', (request) => {
  last = last.then(() => run(request));
});
process.send('ready');

async function run({ id, args, folder }) {
  process.chdir(folder);
  const printed = { stdout: '', stderr: '' };
  const stream = (name) => ({
    isTTY: false,
    write(text) {
      printed[name] += text;
    },
  });
  const signal = new AbortController().signal;
  const code = await main(args, { stdout: stream('stdout'), stderr: stream('stderr'), signal });
  process.send({ id, code, ...printed });
}
