import { readText } from '../../src/repository.js';

/** A fenced block of a Markdown file. */
export interface Sample {
  /** From the repository's root. */
  readonly file: string;
  /** Of its first line of text, from 1. */
  readonly line: number;
  /** `ts`, `js`, `sh`, `json`, `html`, `text`; empty where the fence says none. */
  readonly language: string;
  /** What the reader saves it as: the name behind the language, in brackets or not. */
  readonly name: string | null;
  readonly text: string;
}

/** The fenced blocks of a Markdown file of the repository, in order. */
export function readSamples(file: string): readonly Sample[] {
  const samples: Sample[] = [];
  let open: { line: number; language: string; name: string | null; text: string[] } | null = null;
  for (const [i, line] of readText(file).split('\n').entries()) {
    if (open === null) {
      const fence = /^```(\w*)(?: \[?([\w./-]+)\]?)?\s*$/.exec(line);
      if (fence !== null) open = { line: i + 2, language: fence[1] ?? '', name: fence[2] ?? null, text: [] };
    } else if (line.startsWith('```')) {
      samples.push({ ...open, file, text: `${open.text.join('\n')}\n` });
      open = null;
    } else open.text.push(line);
  }
  return samples;
}
