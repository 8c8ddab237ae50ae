import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Model } from '@espalier/core';

const cli = fileURLToPath(new URL('../../cli/dist/cli.js', import.meta.url));

/** What the command's report page is made with; see `espalier/report`. */
export interface ReportTools {
  reportPage(data: object): string;
  reportLayers(reference: Model, result: Model, outputs: readonly never[]): readonly object[];
  reportHistograms(reference: Model, result: Model): readonly object[];
}

/** Loaded as a file, as the command is run: no app depends on another. */
export async function reportTools(): Promise<ReportTools> {
  return import(new URL('../../cli/dist/report.js', import.meta.url).href);
}

/** Runs the command as a user would, showing what it prints. */
export async function espalier(...args: readonly string[]): Promise<void> {
  console.log(`\n$ espalier ${args.join(' ')}\n`);
  await run(args, 'inherit');
}

/** Runs the command with `--json`, and returns what it says. */
export async function espalierJson(...args: readonly string[]): Promise<unknown> {
  return JSON.parse(await run([...args, '--json'], 'pipe'));
}

async function run(args: readonly string[], stdout: 'inherit' | 'pipe'): Promise<string> {
  const child = spawn(process.execPath, [cli, ...args], { stdio: ['ignore', stdout, 'inherit'] });
  const chunks: Buffer[] = [];
  child.stdout?.on('data', (chunk: Buffer) => chunks.push(chunk));
  const code = await new Promise<number | null>((resolve, reject) =>
    child.on('close', resolve).on('error', reject),
  );
  if (code !== 0) throw new Error(`espalier ${args[0]} ended with code ${code}`);
  return Buffer.concat(chunks).toString('utf8');
}
