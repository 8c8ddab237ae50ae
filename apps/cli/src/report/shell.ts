import { Html, html } from './html.js';
import { style } from './style.js';

/** A self-contained HTML page around a header and a body: style and pictures inside, no script, nothing fetched. */
export function pageShell(title: string, head: Html, body: Html, foot: string): string {
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${title}</title>
<style>${new Html(style)}</style>
</head>
<body>
<svg width="0" height="0" style="position:absolute" aria-hidden="true"><defs><pattern id="stripes" width="7" height="7" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><path class="stripe" d="M2 0V7"/></pattern></defs></svg>
${head}
<main>
${body}
</main>
<footer>${foot}</footer>
</body>
</html>
`;
  return page.text;
}

/** The end of a name says more than its beginning: it is the one that stays when there is no room. */
export function layerName(name: string): Html {
  return html`<span class="name" title="${name}"><bdi>${name}</bdi></span>`;
}

/** What colours stand for. */
export function legend(entries: readonly (readonly [colour: string, text: string])[]): Html {
  const items = entries.map(
    ([colour, text]) => html`<li><i style="background:var(--${colour})"></i>${text}</li>`,
  );
  return html`<ul class="legend">${items}</ul>`;
}

/** The first of many, the others behind a fold. */
export function folded(
  parts: readonly Html[],
  shown: number,
  what: string,
  wrap: (parts: readonly Html[]) => Html,
): Html {
  if (parts.length <= shown) return wrap(parts);
  return html`${wrap(parts.slice(0, shown))}
<details><summary>${parts.length - shown} more ${what}</summary>${wrap(parts.slice(shown))}</details>`;
}
