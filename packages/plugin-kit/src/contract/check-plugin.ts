import type { PassPlugin, Plugin } from '@espalier/core';
import { describe, test } from 'vitest';
import { type PluginContract, promisesOfPlugin } from './plugin-contract.js';
import { StepCounter } from './step-counter.js';

/** Starting a browser on a busy machine takes longer than a test runner waits by itself. */
const timeoutMs = 120_000;

/**
 * Makes a test of every promise that a plugin makes: by itself, and for each pass, encoding, format,
 * calibrator, recipe and invariant that it registers. Call it at the top of a vitest file:
 *
 *     checkPlugin(myPlugin);
 *
 * The kit has models of its own: plain, pruned, clustered, quantized, folded and others.
 */
export function checkPlugin<O extends object>(
  plugin: PassPlugin<O> | Plugin,
  contract: PluginContract<O> = {},
): void {
  // Functions that are compiled from here on are counted block by block.
  StepCounter.prepare();
  const promises = promisesOfPlugin(plugin as Plugin, contract as PluginContract); // `options` are checked by the plugin's table
  for (const subject of new Set(promises.map((promise) => promise.subject))) {
    describe(subject, () => {
      for (const { name, promise, keep } of promises.filter((one) => one.subject === subject))
        test(`${name}: ${promise}`, keep, timeoutMs);
    });
  }
}
