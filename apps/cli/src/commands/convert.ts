import type { Command } from 'commander';
import { readModelFile, sizeOf, writableFormat } from '../model-file.js';
import { formatCount, formatRatio } from '../output/format.js';
import { StagedFiles } from '../output/staged-files.js';
import type { Session } from '../session.js';
import type { Run } from './command.js';

interface ConvertFlags {
  readonly force?: boolean;
}

/** `espalier convert IN OUT` */
export function addConvert(program: Command, run: Run): void {
  program
    .command('convert')
    .summary('write a model in another format')
    .description("Writes a model in the format of the output's extension, with the same weights.")
    .argument('<file>', 'model file, of any format')
    .argument('<out>', 'file to write; its extension says the format')
    .option('-f, --force', 'replace an existing output')
    .action(run<ConvertFlags>((session, [file = '', out = ''], flags) => convert(session, file, out, flags)));
}

async function convert(session: Session, path: string, out: string, flags: ConvertFlags): Promise<void> {
  const compressor = session.makeCompressor([]);
  const format = writableFormat(compressor, out);
  const files = new StagedFiles({ force: flags.force ?? false });
  await files.check(out);
  const file = await readModelFile(compressor, path);
  session.assertNotAborted();
  try {
    await files.stage(out, format.write(file.model));
    const sizeBytes = await files.sizeBytes(out);
    session.assertNotAborted();
    await files.commit();
    const before = { file: path, format: file.format, sizeBytes: sizeOf(file) };
    const after = { file: out, format: format.name, sizeBytes };
    const ratio = before.sizeBytes / sizeBytes;
    session.print({ before, after, compressionRatio: ratio }, () =>
      [before, after]
        .map((one) => `${one.file}: ${one.format}, ${formatCount(one.sizeBytes)} bytes\n`)
        .concat(`${formatRatio(ratio)} of the bytes before for one after\n`)
        .join(''),
    );
  } finally {
    await files.discard();
  }
}
