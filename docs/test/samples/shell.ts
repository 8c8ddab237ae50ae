import { spawn } from 'node:child_process';
import { chmodSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { docs, root } from '../../src/repository.js';
import { workFolder } from './check-types.js';
import type { EspalierHost, Printed } from './espalier-host.js';

/** A folder as a reader has one: what is typed in it runs there. */
export interface Shell {
  readonly folder: string;
  /** Runs lines of `sh`, and stops at the first that fails. */
  run(script: string): Promise<Printed>;
}

/**
 * An empty folder with the packages of the workspace in place of installed ones. `npx espalier` is the workspace's command. `npm i`
 * only checks that the site knows the package, and `npm run` that there is such a script: installing needs a network, and the
 * scripts are the tests and tables themselves.
 */
export function openShell(name: string, espalier: EspalierHost): Shell {
  const folder = join(workFolder, name);
  const bin = join(workFolder, `${name}.bin`);
  for (const path of [folder, bin]) {
    rmSync(path, { recursive: true, force: true });
    mkdirSync(path, { recursive: true });
  }
  symlinkSync(join(docs, 'node_modules'), join(folder, 'node_modules'));
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }\n');
  command(bin, 'espalier', `exec node "${join(root, 'apps/cli/dist/cli.js')}" "$@"`);
  command(bin, 'npx', npx);
  command(bin, 'npm', `exec node "${join(docs, 'test/samples/npm.mjs')}" "${root}" "$@"`);
  return {
    folder,
    async run(script) {
      const all = { code: 0, stdout: '', stderr: '' };
      for (const line of linesOf(script)) {
        const args = plainCommand(line);
        const { code, stdout, stderr } = await (args === null
          ? runInBash(line, folder, bin)
          : espalier.run(args, folder));
        all.stdout += stdout;
        all.stderr += stderr;
        all.code = code;
        if (code !== 0) break;
      }
      return all;
    },
  };
}

/** Lines that are commands; one that ends in a backslash goes on in the next. */
function linesOf(script: string): readonly string[] {
  return script
    .replace(/\\\n\s*/g, '')
    .split('\n')
    .filter((line) => line.trim() !== '' && !line.trim().startsWith('#'));
}

/** The words behind `npx espalier` or `espalier`, where a shell would do nothing but split them; else null. */
function plainCommand(line: string): readonly string[] | null {
  const words = line
    .replace(/\s+#.*$/, '')
    .trim()
    .split(/\s+/);
  if (words[0] === 'npx') words.shift();
  return words.shift() === 'espalier' && words.every((word) => /^[\w./:,=@-]+$/.test(word)) ? words : null;
}

const npx = `case "$1" in
  espalier) shift; exec espalier "$@" ;;
  *) tool="$1"; shift; exec "${join(root, 'node_modules/.bin')}/$tool" "$@" ;;
esac`;

function command(bin: string, name: string, script: string): void {
  const file = join(bin, name);
  writeFileSync(file, `#!/bin/sh\n${script}\n`);
  chmodSync(file, 0o755);
}

function runInBash(script: string, folder: string, bin: string): Promise<Printed> {
  return new Promise((done, fail) => {
    const shell = spawn('bash', ['-e', '-c', script], {
      cwd: folder,
      env: { ...process.env, PATH: `${bin}:${process.env['PATH'] ?? ''}` },
    });
    const printed = { stdout: '', stderr: '' };
    shell.stdout.on('data', (text) => (printed.stdout += text));
    shell.stderr.on('data', (text) => (printed.stderr += text));
    shell.on('error', fail);
    shell.on('close', (code) => done({ code: code ?? 1, ...printed }));
  });
}

/** The text without what differs from run to run: times, and how columns are filled up. */
export function withoutTimes(text: string): string {
  return text.replace(/\d[\d.]*\s(?:µs|ms|s)\b/g, '# s').replace(/[ \t]+/g, ' ');
}
