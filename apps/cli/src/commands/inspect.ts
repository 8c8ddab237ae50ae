import { modelParameterCount, printModel, printType } from '@espalier/core';
import { Argument, type Command } from 'commander';
import { type Layer, layersOf, operatorCounts, withShapes } from '../layers.js';
import { readModelFile, sizeOf } from '../model-file.js';
import { formatBytes, formatCount, formatDims, formatShort } from '../output/format.js';
import { formatTable } from '../output/table.js';
import { compressorFor } from '../plugins.js';
import type { Session } from '../session.js';
import type { Run } from './command.js';
import { type InputSize, inputSize, sizesByInput } from './input-sizes.js';

interface InspectFlags {
  readonly shape?: readonly InputSize[];
  readonly graph?: boolean;
  readonly all?: boolean;
}

/** `espalier inspect FILE` */
export function addInspect(program: Command, run: Run): void {
  program
    .command('inspect')
    .summary('show operators, shapes, parameters, MACs, bytes and encodings of a model')
    .description(
      'Shows operators, shapes, parameters, multiply-accumulates (MACs), bytes per layer and how weights are encoded.',
    )
    .addArgument(new Argument('<file>', 'model file, of any format'))
    .option('--shape <[input=]dims>', 'size of an input where it is open, like 1x3x640x640', inputSize)
    .option('--all', 'list nodes without weights too')
    .option('--graph', 'print the whole graph as text')
    .action(run<InspectFlags>((session, [file = ''], flags) => inspect(session, file, flags)));
}

async function inspect(session: Session, path: string, flags: InspectFlags): Promise<void> {
  const compressor = await compressorFor(session);
  const file = await readModelFile(compressor, path);
  const model = withShapes(file.model, sizesByInput(file.model, flags.shape));
  if (flags.graph) {
    session.print({ graph: printModel(model) }, () => printModel(model));
    return;
  }
  const layers = layersOf(model);
  const macs = layers.map((layer) => layer.macs);
  const total = {
    nodes: layers.length,
    parameters: modelParameterCount(model),
    macs: macs.includes(null) ? null : macs.reduce<number>((sum, count) => sum + (count ?? 0), 0),
  };
  const typed = (values: typeof model.graph.inputs) =>
    values.map(({ name, type }) => ({ name, type: printType(type) }));
  const report = {
    file: file.path,
    format: file.format,
    sizeBytes: sizeOf(file),
    // As the file declares them: the sizes assumed for counting are not the model's.
    inputs: typed(file.model.graph.inputs),
    outputs: typed(file.model.graph.outputs),
    metadata: Object.fromEntries(model.metadata),
    ...total,
    operators: operatorCounts(model),
    layers,
  };
  session.print(report, () => {
    const shown = flags.all ? layers : layers.filter((layer) => layer.parameters > 0 || layer.macs !== 0);
    return [
      `${file.name}: ${file.format}, ${formatCount(report.sizeBytes)} bytes (${formatBytes(report.sizeBytes)})\n\n`,
      ...report.inputs.map(({ name, type }) => `input   ${name}: ${type}\n`),
      ...report.outputs.map(({ name, type }) => `output  ${name}: ${type}\n`),
      `\n${total.nodes} nodes, ${formatCount(total.parameters)} parameters, ${total.macs === null ? 'MACs unknown (give --shape)' : `${formatShort(total.macs)} MACs a sample`}\n`,
      `${Object.entries(report.operators)
        .map(([op, count]) => `${op} ${count}`)
        .join(', ')}\n\n`,
      layerTable(shown, session.width),
      shown.length === layers.length
        ? ''
        : `${layers.length - shown.length} nodes without weights are not listed: --all shows them.\n`,
    ].join('');
  });
}

function layerTable(layers: readonly Layer[], width: number): string {
  const rows = layers.map((layer) => [
    layer.name,
    layer.op,
    formatDims(layer.dims),
    formatCount(layer.parameters),
    layer.macs === null ? '?' : formatShort(layer.macs),
    formatCount(layer.sizeBytes),
    layer.encodings.join('; '),
  ]);
  return formatTable(
    [
      { title: 'layer', flexible: true },
      { title: 'operator' },
      { title: 'output' },
      { title: 'parameters', align: 'right' },
      { title: 'MACs', align: 'right' },
      { title: 'bytes', align: 'right' },
      { title: 'encoding', flexible: true },
    ],
    rows,
    width,
  );
}
