import { readFileSync } from 'node:fs';

/** Version of this package. */
export function ownVersion(): string {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version; // our own file
}

/** What a run depends on. */
export function versions(): Readonly<Record<string, string>> {
  return { espalier: ownVersion(), node: process.version };
}
