import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { mustRun } from './run.js';

/** A fenced block of a page: a file, or commands to run. */
export type Block =
  | { readonly kind: 'file'; readonly path: string; readonly text: string }
  | { readonly kind: 'commands'; readonly text: string };

/**
 * The blocks of a page that a reader is to follow, in order: those of the language `sh` are commands, those with a path
 * in brackets behind their language are files. Blocks without either are shown only.
 */
export function blocksOf(page: string): readonly Block[] {
  const fences = page.matchAll(/^```(\w*)(?: \[([^\]]+)\])?\n([\s\S]*?)^```$/gm);
  return [...fences].flatMap(([, language = '', path, text = '']): Block[] => {
    if (path !== undefined) return [{ kind: 'file', path, text }];
    return language === 'sh' ? [{ kind: 'commands', text }] : [];
  });
}

/** Somebody who follows a page: where he stands, and with which npm. */
export class Reader {
  /** Where the next commands run. They may go elsewhere. */
  cwd: string;
  readonly #env: NodeJS.ProcessEnv;

  constructor(cwd: string, env: NodeJS.ProcessEnv) {
    this.cwd = cwd;
    this.#env = env;
  }

  /** Follows blocks. Returns what the commands printed. */
  async follow(blocks: readonly Block[]): Promise<string> {
    let printed = '';
    for (const block of blocks) {
      if (block.kind === 'commands') printed += await this.#run(block.text);
      else this.#write(block.path, block.text);
    }
    return printed;
  }

  #write(path: string, text: string): void {
    const file = join(this.cwd, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }

  async #run(commands: string): Promise<string> {
    const where = join(this.cwd, '.cwd');
    // A shell that stops at the first failure, and tells where it ended.
    const script = `set -e\n${commands}\npwd > "$WHERE"\n`;
    const printed = await mustRun('sh', ['-c', script], {
      cwd: this.cwd,
      env: { ...this.#env, WHERE: where },
    });
    this.cwd = readFileSync(where, 'utf8').trim();
    return printed;
  }
}
