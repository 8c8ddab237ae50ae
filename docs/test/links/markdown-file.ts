import MarkdownIt from 'markdown-it';
import { readText } from '../../src/repository.js';

/** What the links of a Markdown file lead to, and what links may lead to in it. */
export interface MarkdownFile {
  /** From the repository's root. */
  readonly path: string;
  readonly links: readonly { readonly href: string; readonly line: number }[];
  /** Of its headings, as GitHub names them. */
  readonly anchors: ReadonlySet<string>;
}

const markdown = new MarkdownIt({ html: true });

export function readMarkdown(path: string): MarkdownFile {
  // Front matter is no Markdown.
  const text = readText(path).replace(/^---\n[\s\S]*?\n---\n/, (front) => front.replace(/[^\n]/g, ''));
  const links: { href: string; line: number }[] = [];
  const anchors = new Set<string>();
  let line = 0;
  const tokens = markdown.parse(text, {});
  for (const [i, token] of tokens.entries()) {
    line = token.map?.[0] ?? line;
    if (token.type === 'heading_open')
      anchors.add(unused(slug(plain(tokens[i + 1]?.children ?? [])), anchors));
    const inside = token.type === 'html_block' ? [token] : (token.children ?? []);
    for (const child of inside) {
      const href =
        child.type === 'link_open'
          ? child.attrGet('href')
          : child.type === 'image'
            ? child.attrGet('src')
            : null;
      if (href !== null) links.push({ href, line: line + 1 });
      if (child.type.startsWith('html'))
        for (const [, found = ''] of child.content.matchAll(/\s(?:href|src)="([^"{]+)"/g))
          links.push({ href: found, line: line + 1 });
    }
  }
  return { path, links, anchors };
}

function plain(tokens: readonly { readonly type: string; readonly content: string }[]): string {
  return tokens.map(({ type, content }) => (type.startsWith('html') ? '' : content)).join('');
}

/** As GitHub does: lower case, no punctuation, blanks become hyphens. */
function slug(heading: string): string {
  return heading
    .trim()
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\p{M}\s_-]/gu, '')
    .replace(/\s/g, '-');
}

/** The second heading of a name gets `-1`. */
function unused(name: string, taken: ReadonlySet<string>): string {
  if (!taken.has(name)) return name;
  for (let n = 1; ; n++) if (!taken.has(`${name}-${n}`)) return `${name}-${n}`;
}
