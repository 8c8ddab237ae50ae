import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { docs, readText } from '../repository.js';
import { type GeneratedPage, page, table } from './page.js';

/** The pages that list what stands in docs/results and docs/decisions. */
export function listPages(): readonly GeneratedPage[] {
  return [resultsList(), decisionsList()];
}

/** A page of figures, and the command that makes them. */
export interface ResultPage {
  /** From the repository's root. */
  readonly file: string;
  readonly title: string;
  /** null where the page does not say; a test wants one. */
  readonly command: string | null;
}

export function resultPages(): readonly ResultPage[] {
  return ['docs/results', 'docs/results/bench'].flatMap((folder) =>
    markdownIn(folder).map((file) => {
      const text = readText(file);
      return { file, title: titleOf(text), command: /`(npm run (?:-s )?[^`]+)`/.exec(text)?.[1] ?? null };
    }),
  );
}

function resultsList(): GeneratedPage {
  const rows = resultPages().map(({ file, title, command }) => [
    `[${title}](/${file.slice('docs/'.length, -'.md'.length)})`,
    command === null ? '' : `\`${command}\``,
  ]);
  return page(
    'results/index.md',
    { title: 'Results', description: 'Every figure, with the command that prints it.' },
    `# Results

Every figure on this site was printed by a command of the repository, which stands on its page. Trained figures are the same on every
machine for the same seed; times are those of the machine that the page names.

${table(['page', 'made by'], rows)}

What the commands need, and [how settings were chosen](/packages/reproduce#how-settings-were-chosen), is told with them.
`,
  );
}

function decisionsList(): GeneratedPage {
  const rows = markdownIn('docs/decisions').map((file) => {
    const [, number = '', title = ''] = /^# (\d+)\. (.*)$/m.exec(readText(file)) ?? [];
    return [number, `[${title}](/${file.slice('docs/'.length, -'.md'.length)})`];
  });
  return page(
    'decisions/index.md',
    { title: 'Decisions', description: 'Why things are as they are, a page each.' },
    `# Decisions

Why things are as they are. Each page has what was to be decided, what was chosen, and what follows from it.

${table(['', 'decision'], rows)}
`,
  );
}

function markdownIn(folder: string): readonly string[] {
  const path = join(docs, '..', folder);
  if (!existsSync(path)) return [];
  return readdirSync(path)
    .filter((name) => name.endsWith('.md') && name !== 'index.md')
    .sort()
    .map((name) => `${folder}/${name}`);
}

function titleOf(text: string): string {
  return /^# (.*)$/m.exec(text)?.[1] ?? '';
}
