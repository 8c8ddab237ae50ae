import { rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { noBrowserReason } from '@espalier/config/browser';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { workFolder } from './samples/check-types.js';
import { documents, guides } from './samples/documents.js';
import { type EspalierHost, startEspalier } from './samples/espalier-host.js';
import { readSamples, type Sample } from './samples/read-samples.js';
import { writeModel, writeReaderFiles } from './samples/reader-files.js';
import { openShell, type Shell, withoutTimes } from './samples/shell.js';
import { lookAtPages } from './site/look-at-pages.js';

let espalier: EspalierHost;

beforeAll(async () => {
  espalier = await startEspalier();
});

afterAll(() => espalier.stop());

/** Of one document, on a machine that does much else. */
const patience = 300_000;

/** Commands of a document, with the output that stands below them, if any. */
function commandsOf(file: string): readonly { readonly sample: Sample; readonly output: string | null }[] {
  const samples = readSamples(file);
  return samples.flatMap((sample, i) => {
    if (sample.language !== 'sh') return [];
    const next = samples[i + 1];
    return [{ sample, output: next?.language === 'text' ? next.text : null }];
  });
}

async function expectRuns(shell: Shell, { file, line, text }: Sample, output: string | null): Promise<void> {
  const { code, stdout, stderr } = await shell.run(text);
  expect(code, `${file}:${line}\n${stderr}`).toBe(0);
  const printed = withoutTimes(stdout);
  for (const wanted of output?.split('\n') ?? []) {
    if (wanted !== '…')
      expect(printed, `${file}: output of line ${line}`).toContain(withoutTimes(wanted).trim());
  }
}

/** A line that is an example of its own: what it writes is not there yet. */
async function expectExample(shell: Shell, sample: Sample): Promise<void> {
  const written = / -o (\S+)/.exec(sample.text)?.[1];
  if (written !== undefined) rmSync(join(shell.folder, written), { force: true });
  await expectRuns(shell, sample, null);
}

describe('a guide, typed from the first block to the last', () => {
  test.each(guides)(
    '%s',
    async (file) => {
      const shell = openShell(basename(file, '.md'), espalier);
      writeModel(shell);
      const outputs = new Map(commandsOf(file).map(({ sample, output }) => [sample.line, output]));
      for (const sample of readSamples(file)) {
        if (sample.name !== null) writeFileSync(join(shell.folder, sample.name), sample.text);
        else if (sample.language === 'sh') await expectRuns(shell, sample, outputs.get(sample.line) ?? null);
      }
    },
    patience,
  );
});

describe('the commands of a README', () => {
  const withCommands = documents.filter((file) => !guides.includes(file) && commandsOf(file).length > 0);
  test.each(withCommands)(
    '%s',
    async (file) => {
      const shell = openShell(file.replaceAll('/', '-'), espalier);
      const commands = commandsOf(file);
      await writeReaderFiles(shell, commands.map(({ sample }) => sample.text).join(''));
      for (const { sample, output } of commands) {
        if (output !== null) await expectRuns(shell, sample, output);
        else
          for (const text of sample.text.split(/(?<!\\)\n/)) await expectExample(shell, { ...sample, text });
      }
    },
    patience,
  );
});

test.skipIf(noBrowserReason() !== null)(
  'the page that a guide builds runs the model in a browser',
  { timeout: patience },
  async () => {
    // Built by the guide above.
    const folder = join(workFolder, 'compress-for-the-web/dist');
    const page = (await lookAtPages(['/'], { width: 390, scheme: 'light' }, folder)).get('/');
    expect(page).toMatchObject({ text: 'It is a 1.', troubles: [] });
  },
);
