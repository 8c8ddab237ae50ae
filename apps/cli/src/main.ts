import { AbortedError, OptionsError } from '@espalier/core';
import { Command, CommanderError } from 'commander';
import { addBench } from './commands/bench.js';
import type { Run } from './commands/command.js';
import { addCompare } from './commands/compare.js';
import { addCompress } from './commands/compress.js';
import { addConvert } from './commands/convert.js';
import { collect } from './commands/data-options.js';
import { addDebug } from './commands/debug.js';
import { addInspect } from './commands/inspect.js';
import { addPlugins } from './commands/plugins.js';
import { addRecipes } from './commands/recipes.js';
import { addRun } from './commands/run.js';
import type { Io } from './output/io.js';
import { errorJson, formatError } from './output/print-error.js';
import { makeCompressor } from './plugins.js';
import { type CommonOptions, type MakeCompressor, Session } from './session.js';
import { ownVersion } from './versions.js';

const commands = [
  addInspect,
  addCompress,
  addRun,
  addBench,
  addCompare,
  addDebug,
  addConvert,
  addRecipes,
  addPlugins,
];

const examples = `
Examples:
  espalier inspect model.onnx
  espalier compress model.onnx -o model.espalier
  espalier compress model.onnx -o model.espalier --recipe int8 --calibration images/ --report out.html
  espalier debug model.onnx --data images/ --fix -o recipe.json
  espalier compare model.onnx model.espalier --data test.npy --labels labels.npy
  espalier convert model.espalier -o model.onnx
`;

/** Exit codes: 0 done, 1 refused or failed, 130 cancelled by Ctrl-C. */
export type ExitCode = 0 | 1 | 130;

/**
 * Runs one command.
 *
 * @param argv - the words after the command's name
 * @param compressorOf - for tests: the plugins to work with
 */
export async function main(
  argv: readonly string[],
  io: Io,
  compressorOf: MakeCompressor = makeCompressor,
): Promise<ExitCode> {
  // Known before parsing, so that errors of parsing obey them too.
  const json = argv.includes('--json');
  const debug = argv.includes('--debug');
  let session: Session | null = null;
  const run: Run =
    (work) =>
    async (...parsed) => {
      const command = parsed.at(-1) as Command; // commander passes arguments, options, command
      const flags = command.opts<CommonOptions>();
      session = new Session(io, flags, argv, compressorOf);
      await work(session, command.args, flags as never); // the command declared these options itself
    };
  try {
    await buildProgram(io, run).parseAsync([...argv], { from: 'user' });
    return 0;
  } catch (error) {
    (session as Session | null)?.progress.stop();
    return fail(error, io, json, debug);
  }
}

/** The command with all its subcommands. */
export function buildProgram(io: Io, run: Run): Command {
  const program = new Command('espalier')
    .description('Compresses neural networks: prune, share weights, quantize, code, and run the result.')
    .version(ownVersion(), '-V, --version')
    .addHelpText('after', examples)
    .helpCommand(false)
    .exitOverride()
    .configureOutput({ writeOut: (text) => io.stdout.write(text), writeErr() {} });
  for (const add of commands) add(program, run);
  for (const command of program.commands) {
    command
      .copyInheritedSettings(program)
      .option('--plugin <package>', 'load further plugins from a package; may be repeated', collect)
      .option('--json', 'print the result as one JSON value, and nothing else, on stdout')
      .option('-q, --quiet', 'no progress on stderr')
      .option('--debug', 'details on stderr, and a stack trace with errors');
  }
  program.action(() => {
    const [word] = program.args;
    if (word === undefined) program.outputHelp();
    else program.error(`error: unknown ${word.startsWith('-') ? 'option' : 'command'} '${word}'`);
  });
  // The first word is what is wrong, whatever follows it.
  program.allowExcessArguments().allowUnknownOption();
  return program;
}

function fail(error: unknown, io: Io, json: boolean, debug: boolean): ExitCode {
  if (error instanceof CommanderError && error.exitCode === 0) return 0;
  const told = error instanceof CommanderError ? usageError(error) : error;
  io.stderr.write(formatError(told, { debug }));
  if (json) io.stdout.write(`${JSON.stringify(errorJson(told), null, 2)}\n`);
  return told instanceof AbortedError || io.signal.aborted ? 130 : 1;
}

/** What commander says, in our form: `error: unknown option '--x'\n(Did you mean --y?)`. */
function usageError(error: CommanderError): OptionsError {
  const [what = '', hint] = error.message.replace(/^error: /, '').split('\n');
  const guess = /Did you mean (.*)\?\)/.exec(hint ?? '')?.[1];
  return new OptionsError({
    what: `${what.charAt(0).toUpperCase()}${what.slice(1)}${/[.!?]$/.test(what) ? '' : '.'}`,
    fix:
      guess === undefined
        ? '"espalier --help" lists commands, "espalier <command> --help" options.'
        : `Did you mean ${guess}?`,
    cause: error,
  });
}
