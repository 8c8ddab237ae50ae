import type { MarkdownRenderer } from 'vitepress';

/** Shows what a block of code is to be saved as: the name behind the language, in brackets or not (`js [run.mjs]`). */
export function fileNames(markdown: MarkdownRenderer): void {
  const { fence } = markdown.renderer.rules;
  markdown.renderer.rules.fence = (tokens, index, ...rest) => {
    // Before the others, which take the name out.
    const name = /^\w+ \[?([\w./-]+)\]?$/.exec(tokens[index]?.info.trim() ?? '')?.[1];
    const block = fence?.(tokens, index, ...rest) ?? '';
    return name === undefined
      ? block
      : `<div class="named-file"><span class="file-name">${name}</span>${block}</div>\n`;
  };
}
