import type { Command } from 'commander';
import { readModelFile, sizeOf, writableFormat } from '../model-file.js';
import { formatCount, formatSizeChange } from '../output/format.js';
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
    session.print({ before, after, compressionRatio: before.sizeBytes / sizeBytes }, () =>
      [
        `${before.file}: ${before.format}, ${formatCount(before.sizeBytes)} bytes\n`,
        `${after.file}: ${after.format}, ${formatCount(sizeBytes)} bytes, ${formatSizeChange(before.sizeBytes, sizeBytes)}\n`,
      ].join(''),
    );
  } finally {
    await files.discard();
  }
}
