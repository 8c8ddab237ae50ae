// Runs the command `espalier` for samples, one after the other, in one process: starting Node for each takes longer than most of them.
// A message is { args, folder }; the answer { code, stdout, stderr }.
import { pathToFileURL } from 'node:url';

const [, , entry] = process.argv;
const { main } = await import(pathToFileURL(entry).href);

process.on('message', async ({ args, folder }) => {
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
  process.send({ code, ...printed });
});
process.send('ready');
