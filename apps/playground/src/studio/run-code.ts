import * as core from '@espalier/core';
import { createCompressor } from '@espalier/presets';
import type { Turn } from '../rpc/serve.js';
import type { CodeNews, CodeTakes, RunGives } from './api.js';
import { runRecipe, type Subject } from './run-recipe.js';

/**
 * Runs a pass that the reader wrote, with Huffman codes behind it.
 *
 * @throws {PluginError} where the script exports no pass, or imports what is not there
 * @throws {PassError} when the pass fails, or leaves a graph that is none
 */
export async function runCode(
  subject: Subject,
  { script, seed, data }: CodeTakes,
  { signal, tell }: Turn<CodeNews>,
): Promise<RunGives> {
  const plugin = loadPass(script, (line) => tell({ line }));
  const compressor = createCompressor([plugin]);
  const recipe = { name: plugin.id, steps: [plugin.id, 'huffman'] };
  const turn = { signal, tell: () => {} };
  const { gives } = await runRecipe(
    compressor,
    subject,
    { recipe, seed, data, slot: 'code', drift: false },
    turn,
  );
  return gives;
}

/** What a script exports that is a pass plugin. */
function loadPass(script: string, write: (line: string) => void): core.PassPlugin {
  const exports: Record<string, unknown> = {};
  const require = (name: string): unknown => {
    if (name === '@espalier/core') return core;
    throw new core.PluginError({
      what: `The code imports "${name}", which is not here.`,
      fix: 'Import from @espalier/core.',
    });
  };
  const show = (value: unknown): string =>
    typeof value === 'string' ? value : (JSON.stringify(value) ?? String(value));
  const log = (...values: readonly unknown[]): void => write(values.map(show).join(' '));
  const console = { log, info: log, warn: log, error: log, debug: log };
  // The reader's own code, in a worker of its own that is ended when it takes too long.
  new Function('require', 'exports', 'console', script)(require, exports, console);
  const plugin = Object.values(exports).find(isPassPlugin);
  if (plugin !== undefined) return plugin;
  throw new core.PluginError({
    what: 'The code exports no pass.',
    fix: 'Write export const myPass = definePassPlugin({ … }).',
  });
}

function isPassPlugin(value: unknown): value is core.PassPlugin {
  return typeof value === 'function' && 'apiVersion' in value && 'register' in value && 'options' in value;
}
