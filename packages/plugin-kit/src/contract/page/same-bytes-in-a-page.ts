import type { Plugin } from '@espalier/core';
import type { Clause } from '../clause.js';
import { firstDifference } from '../fingerprint.js';
import { answersOf, type Questions } from './answers.js';
import { evaluateInPage, noPageReason } from './browser.js';
import { bundleForPage } from './bundle.js';

/** A plugin, and the module that a page gets it from. */
export interface PageSubject {
  readonly plugins: readonly Plugin[];
  readonly questions: Questions;
  readonly module: URL;
}

/** The same file from the playground as from the command. */
export const sameBytesInAPage: Clause<PageSubject> = {
  name: 'same-bytes-in-a-page',
  promise: 'in a page it gives the bytes that it gives here',
  fix: 'Use no Node built-ins, and no Math.exp, pow or tanh where their last bit ends in a weight: engines differ.',
  async breach({ plugins, questions, module }) {
    const reason = await noPageReason();
    if (reason !== null) {
      console.log(`Not run in a page: ${reason}`);
      return null;
    }
    const script = await bundleForPage(module);
    const expression = `globalThis.espalierAnswers(${JSON.stringify(questions)})`;
    const found = await evaluateInPage(script, "'espalierAnswers' in globalThis", expression);
    const inPage = found as Awaited<ReturnType<typeof answersOf>>; // what the script of bundleForPage gives
    const here = await answersOf(plugins, questions);
    for (const [where, answer] of Object.entries(here)) {
      const other = inPage[where];
      if (other === undefined) return `the page has no pass "${questions.id}" (does the module export it?)`;
      if (other !== answer) return `a page differs: ${firstDifference(answer, other)} (${where})`;
    }
    return null;
  },
};
