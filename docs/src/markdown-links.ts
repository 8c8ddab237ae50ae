import type { MarkdownRenderer } from 'vitepress';
import { leadsElsewhere, siteLink } from './site-link.js';

type Token = ReturnType<MarkdownRenderer['parse']>[number];

/** What vitepress tells of the page that is rendered. */
interface PageEnvironment {
  readonly relativePath?: string;
  readonly frontmatter?: { readonly source?: string };
}

/**
 * Links in the repository's pages are those of its files, so that they work where the files are read. On the site they lead to
 * the pages made of these files; what has no page there is left as text.
 */
export function repositoryLinks(markdown: MarkdownRenderer): void {
  markdown.core.ruler.push('repository-links', (state) => {
    const { relativePath, frontmatter } = state.env as PageEnvironment;
    const from = frontmatter?.source ?? `docs/${relativePath ?? ''}`;
    for (const token of state.tokens) {
      if (token.children !== null) token.children = rewrite(token.children, from);
    }
  });
}

function rewrite(tokens: readonly Token[], from: string): Token[] {
  const kept: Token[] = [];
  const open: boolean[] = []; // whether each link around is kept
  for (const token of tokens) {
    if (token.type === 'link_open') {
      const href = token.attrGet('href') ?? '';
      const target = leadsElsewhere(href) ? href : siteLink(from, href);
      open.push(target !== null);
      if (target === null) continue;
      token.attrSet('href', target);
      // An application of its own: a page that vitepress must not look for among its own.
      if (target.startsWith('/playground/')) token.attrSet('target', '_self');
    } else if (token.type === 'link_close' && open.pop() === false) continue;
    kept.push(token);
  }
  return kept;
}
