import { type Command, Option } from 'commander';
import { readModelFile, sizeOf, writableFormat } from '../model-file.js';
import { formatCount, formatSizeChange } from '../output/format.js';
import { StagedFiles } from '../output/staged-files.js';
import { compressorFor } from '../plugins.js';
import type { Session } from '../session.js';
import type { Run } from './command.js';
import { type InputSize, inputSize, withSizes } from './input-sizes.js';

interface ConvertFlags {
  readonly out: string;
  readonly force?: boolean;
  readonly quantized?: 'qdq' | 'qoperator';
  readonly shape?: readonly InputSize[];
}

/** `espalier convert FILE -o OUT` */
export function addConvert(program: Command, run: Run): void {
  program
    .command('convert')
    .summary('write a model in another format')
    .description("Writes a model in the format of the output's extension, with the same weights.")
    .argument('<file>', 'model file, of any format')
    .requiredOption('-o, --out <path>', 'file to write; its extension says the format')
    .addOption(
      new Option(
        '--quantized <form>',
        'quantization in ONNX: pairs around float operators, or operators on codes',
      ).choices(['qdq', 'qoperator']),
    )
    .option(
      '--shape <[input=]dims>',
      'size of an input where it is open, like 1x3x640x640; the output takes that alone',
      inputSize,
    )
    .option('-f, --force', 'replace an existing output')
    .action(run<ConvertFlags>((session, [file = ''], flags) => convert(session, file, flags)));
}

async function convert(
  session: Session,
  path: string,
  { out, force, quantized, shape }: ConvertFlags,
): Promise<void> {
  const compressor = await compressorFor(session);
  const format = writableFormat(compressor, out);
  const files = new StagedFiles({ force: force ?? false });
  await files.check(out);
  const file = await readModelFile(compressor, path);
  const model = withSizes(file.model, shape);
  session.assertNotAborted();
  try {
    await files.stage(out, format.write(model, path, quantized === undefined ? {} : { quantized }));
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
