import type { PassPlugin, Plugin } from '@espalier/core';
import { type PluginContract, promisesOfPlugin } from './plugin-contract.js';

/** A promise that a plugin does not keep. */
export interface BrokenPromise {
  /** `the pass "prune"`. */
  readonly subject: string;
  /** The promise's name: `leaves-input-alone`. */
  readonly promise: string;
  /** Says what was found, and what to do about it. */
  readonly error: Error;
}

/** What `checkPlugin` tests, without a test runner: the promises that are broken, none where all is well. */
export async function brokenPromises<O extends object>(
  plugin: PassPlugin<O> | Plugin,
  contract: PluginContract<O> = {},
): Promise<readonly BrokenPromise[]> {
  const broken: BrokenPromise[] = [];
  for (const { subject, name, keep } of promisesOfPlugin(plugin as Plugin, contract as PluginContract)) {
    await keep().catch((error: Error) => broken.push({ subject, promise: name, error }));
  }
  return broken;
}
