/** A page that is generated, not kept. */
export interface GeneratedPage {
  /** Where it stands on the site, without a leading slash: `plugins/prune.md`. */
  readonly path: string;
  readonly text: string;
}

/** What stands at the head of a page for vitepress. */
export interface FrontMatter {
  readonly title: string;
  /** One sentence, for search engines. */
  readonly description?: string;
  /** The file of the repository whose links the text has, from its root. */
  readonly source?: string;
  /** Levels of headings in the outline. */
  readonly outline?: number | readonly [number, number];
}

/** A page: front matter, then Markdown. */
export function page(path: string, front: FrontMatter, markdown: string): GeneratedPage {
  const lines = Object.entries(front).map(([key, value]) => `${key}: ${JSON.stringify(value)}`);
  return { path, text: `---\n${lines.join('\n')}\neditLink: false\n---\n\n${markdown.trim()}\n` };
}

/** A Markdown table. A bar in a cell would end it. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

/** Text that Markdown and Vue are to show as it is. */
export function escapeText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('{{', '&#123;&#123;');
}
