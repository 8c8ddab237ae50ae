import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { root } from '../repository.js';
import { escapeText, type GeneratedPage, page, table } from './page.js';

/** What is read of commander's commands. */
interface Command {
  readonly commands: readonly Command[];
  readonly options: readonly CommandOption[];
  readonly registeredArguments: readonly {
    readonly required: boolean;
    readonly description: string;
    name(): string;
  }[];
  name(): string;
  description(): string;
  summary(): string;
  helpInformation(): string;
}

interface CommandOption {
  readonly flags: string;
  readonly long: string | undefined;
  readonly description: string;
  readonly mandatory: boolean;
  readonly defaultValue?: unknown;
  readonly argChoices?: readonly string[];
}

/** Options that every command has. */
const common = ['--plugin', '--json', '--quiet', '--debug'];

/** The command with all its options, from the objects that print `--help`. */
export async function cliPage(): Promise<GeneratedPage> {
  const program = await loadProgram();
  const list = program.commands.map((command) => [
    `[\`${command.name()}\`](#${command.name()})`,
    escapeText(command.summary()),
  ]);
  const shared = program.commands[0]?.options.filter(isCommon) ?? [];
  return page(
    'cli.md',
    { title: 'The command', description: 'Every command and option of espalier.', outline: 2 },
    `# The command

\`npx espalier\` runs it without installing. Results go to stdout, progress and errors to stderr. Exit codes: 0 done, 1 refused or failed, 130
cancelled. An output file appears whole or not at all; one that exists is replaced only with \`--force\`. What data it reads is
told [with the package](/packages/espalier#data).

${table(['command', 'what it does'], list)}

${program.commands.map(section).join('\n\n')}

## Every command

<div class="options">

${optionsTable(shared)}

</div>
`,
  );
}

async function loadProgram(): Promise<Command> {
  const built = pathToFileURL(join(root, 'apps/cli/dist/main.js')).href;
  const { buildProgram } = (await import(/* @vite-ignore */ built)) as {
    buildProgram(io: unknown, run: unknown): Command;
  };
  const silent = { write: () => true };
  return buildProgram(
    { stdout: silent, stderr: silent, signal: new AbortController().signal },
    () => () => {},
  );
}

function section(command: Command): string {
  const usage = /^Usage: (.*)$/m.exec(command.helpInformation())?.[1] ?? `espalier ${command.name()}`;
  const args = command.registeredArguments.map((argument) => [
    `\`${argument.required ? `<${argument.name()}>` : `[${argument.name()}]`}\``,
    escapeText(argument.description),
  ]);
  const own = command.options.filter((option) => !isCommon(option));
  return [
    `## ${command.name()}`,
    escapeText(command.description()),
    `\`\`\`text\n${usage}\n\`\`\``,
    `<div class="options">`,
    optionsTable(own, args),
    '</div>',
  ].join('\n\n');
}

function optionsTable(options: readonly CommandOption[], args: readonly (readonly string[])[] = []): string {
  const rows = options.map((option) => [`\`${option.flags}\``, about(option)]);
  return table(['option', 'what it does'], [...args, ...rows]);
}

function about({ description, defaultValue, argChoices }: CommandOption): string {
  const choices =
    argChoices === undefined ? '' : ` One of ${argChoices.map((choice) => `\`${choice}\``).join(', ')}.`;
  const byDefault =
    defaultValue === undefined || typeof defaultValue === 'boolean'
      ? ''
      : ` Default \`${String(defaultValue)}\`.`;
  const sentence = escapeText(description);
  return choices + byDefault === '' ? sentence : `${sentence}.${choices}${byDefault}`;
}

function isCommon({ long }: CommandOption): boolean {
  return common.includes(long ?? '');
}
