import { affineKind } from '../encoding/affine.js';
import { blockwiseKind } from '../encoding/blockwise.js';
import { castKind } from '../encoding/cast.js';
import { codebookKind } from '../encoding/codebook.js';
import { denseKind } from '../encoding/dense.js';
import type { EncodingKind } from '../encoding/encoding.js';
import { packedKind } from '../encoding/packed.js';
import { sparseKind } from '../encoding/sparse.js';
import { FormatError, PluginError } from '../errors/errors.js';
import type { Model } from '../ir/model.js';
import { verify } from '../ir/verifier.js';
import { builtInInvariants } from '../pass/invariant.js';
import { type Container, createContainer, resolveAll } from './container.js';
import { CONTRIBUTORS, Contributors, nameOf } from './contributors.js';
import type { Format, ReadOptions } from './format.js';
import { apiVersion, type Plugin } from './plugin.js';
import { ENCODING, FORMAT, INVARIANT, KERNEL } from './tokens.js';

/** The kinds every registry knows from the start. */
export const coreEncodings: readonly EncodingKind[] = [
  denseKind,
  packedKind,
  codebookKind,
  affineKind,
  blockwiseKind,
  castKind,
  sparseKind,
];

/**
 * A container with the given plugins in it, and what core itself brings.
 *
 * @throws {PluginError} for a plugin of another API version, one that throws, or two of one id or contribution
 */
export function createRegistry(plugins: readonly Plugin[]): Container {
  const container = createContainer();
  for (const kind of coreEncodings) container.register(ENCODING, { useValue: kind });
  for (const invariant of builtInInvariants) container.register(INVARIANT, { useValue: invariant });
  const contributors = new Contributors(container);
  for (const plugin of plugins) {
    assertCompatible(plugin);
    contributors.install(plugin);
  }
  container.register(CONTRIBUTORS, { useValue: contributors });
  return container;
}

function assertCompatible(plugin: Plugin): void {
  if (plugin.apiVersion === apiVersion) return;
  throw new PluginError({
    what: `The plugin ${nameOf(plugin)} was made for plugin API ${plugin.apiVersion}, this core speaks ${apiVersion}.`,
    fix: `Install a version of ${plugin.package ?? `"${plugin.id}"`} for API ${apiVersion}, or another @espalier/core.`,
  });
}

/** The format whose magic or structure the bytes show. @throws {FormatError} where none does */
export function detectFormat(container: Container, bytes: Uint8Array, name = 'the bytes'): Format {
  const formats = resolveAll(container, FORMAT);
  const known = formats.map((format) => format.name).join(', ') || 'none';
  if (bytes.length === 0)
    throw new FormatError({ what: 'The file is empty.', where: name, fix: 'Pass a model file.' });
  const format = formats.find((candidate) => candidate.detect(bytes));
  if (format === undefined) {
    throw new FormatError({
      what: 'This is no model file that is known here.',
      where: name,
      fix: `Known formats: ${known}.`,
    });
  }
  return format;
}

/** The format that files with this extension have. @throws {FormatError} where none has it */
export function formatForName(container: Container, name: string): Format {
  const formats = resolveAll(container, FORMAT);
  const format = formats.find(({ extensions }) =>
    extensions.some((extension) => name.toLowerCase().endsWith(extension)),
  );
  if (format !== undefined) return format;
  // Files are written by their name, and read by what is in them.
  const known = formats
    .flatMap(({ extensions, write }) => (write === undefined ? [] : extensions))
    .join(', ');
  throw new FormatError({ what: 'No format has this extension.', where: name, fix: `Use one of ${known}.` });
}

/** Reads a model of any registered format, and verifies it. */
export async function readModel(
  container: Container,
  bytes: Uint8Array,
  options: ReadOptions = {},
): Promise<Model> {
  const format = detectFormat(container, bytes, options.name);
  const model = await format.read(bytes, { operatorKernels: resolveAll(container, KERNEL), ...options });
  verify(model);
  return model;
}
