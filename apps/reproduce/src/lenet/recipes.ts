import type { Network } from './models.js';

/** A table of docs/results: a recipe on one of the networks. */
export interface LenetTable {
  readonly network: Network['name'];
  /** Behind the name of the network. */
  readonly title: string;
}

/** Tables by the name of the command, which is that of the recipe's file too. */
export const lenetTables: Readonly<Record<string, LenetTable>> = {
  'lenet-300-100': { network: 'lenet-300-100', title: 'the recipe of Deep Compression' },
  'lenet-5': { network: 'lenet-5', title: 'the recipe of Deep Compression' },
  'lenet-300-100-smallest': { network: 'lenet-300-100', title: 'as small as it gets' },
  'lenet-5-smallest': { network: 'lenet-5', title: 'as small as it gets' },
};
