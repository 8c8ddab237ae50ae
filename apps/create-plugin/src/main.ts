import { relative } from 'node:path';
import { parseArgs } from 'node:util';
import { askKind, askName, Cancelled } from './ask.js';
import { createPlugin } from './create-plugin.js';
import { Failure } from './failure.js';
import { isKind, type Kind, kinds } from './kinds.js';
import { namesFor } from './names.js';

/** Where the command runs, and what it writes to. */
export interface Surroundings {
  readonly cwd: string;
  /** Whether there is somebody to ask. */
  readonly interactive: boolean;
  readonly stdout: { write(text: string): unknown };
  readonly stderr: { write(text: string): unknown };
}

const usage = `npm create espalier-plugin NAME -- --kind KIND

Writes a plugin package for Espalier into the folder NAME. What is not said is asked.

  NAME          my-idea becomes the package espalier-plugin-my-idea; a path and a scope (@me/my-idea) may stand before it
  --kind KIND   what it brings:
${Object.entries(kinds)
  .map(([kind, about]) => `                  ${kind.padEnd(11)} ${about}`)
  .join('\n')}
  --help        prints this
`;

/** Runs the command. Returns its exit code. */
export async function main(args: readonly string[], surroundings: Surroundings): Promise<number> {
  const { stdout, stderr } = surroundings;
  try {
    stdout.write(await run(args, surroundings));
    return 0;
  } catch (error) {
    if (error instanceof Cancelled) return 130;
    if (!(error instanceof Failure)) throw error;
    stderr.write(`${error.message}\n${error.fix}\n`);
    return 1;
  }
}

async function run(args: readonly string[], { cwd, interactive }: Surroundings): Promise<string> {
  const { values, positionals } = parsed(args);
  if (values.help === true) return usage;
  if (positionals.length > 1)
    throw new Failure(`More than one name: ${positionals.join(', ')}.`, 'Give one.');
  // What was said is checked before anything is asked.
  const said = values.kind === undefined ? null : kindNamed(values.kind);
  if (positionals[0] !== undefined) namesFor(positionals[0]);
  if (!interactive && (positionals[0] === undefined || said === null)) {
    throw new Failure('There is nobody here to ask.', 'Give a name and --kind; --help says more.');
  }
  const name = positionals[0] ?? (await askName());
  const kind = said ?? (await askKind());
  const { names, folder } = createPlugin(name, kind, cwd);
  return `${names.packageName} is written.

  cd ${relative(cwd, folder)}
  npm install
  npm run build
  npm test

Its README says what it is; start from src/.
`;
}

function parsed(args: readonly string[]): {
  readonly values: { readonly kind?: string; readonly help?: boolean };
  readonly positionals: readonly string[];
} {
  const options = { kind: { type: 'string', short: 'k' }, help: { type: 'boolean', short: 'h' } } as const;
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true });
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Failure(why.split('. ')[0] ?? why, 'npm create espalier-plugin -- --help says what there is.');
  }
}

function kindNamed(text: string): Kind {
  if (isKind(text)) return text;
  throw new Failure(`There is no kind "${text}".`, `Use one of ${Object.keys(kinds).join(', ')}.`);
}
