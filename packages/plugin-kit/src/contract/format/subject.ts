import { EspalierError, type Format, type Model, UnsupportedError, verify } from '@espalier/core';

/** A format, and files to read: those given, and the kit's models as the format writes them. */
export interface FormatSubject {
  readonly format: Format;
  readonly models: readonly (readonly [name: string, model: Model])[];
  readonly files: Readonly<Record<string, Uint8Array>>;
}

/** A file by name. */
export type NamedFile = readonly [name: string, bytes: Uint8Array];

/** The files there are to read. A format may refuse models that it can't hold. */
export function filesOf({ format, models, files }: FormatSubject): readonly NamedFile[] {
  const written: NamedFile[] = [];
  for (const [name, model] of format.write === undefined ? [] : models) {
    const bytes = writeOrNull(format, model);
    if (bytes !== null) written.push([`model "${name}", written`, bytes]);
  }
  return [...Object.entries(files), ...written];
}

/** Null where the format says that it can't hold the model. */
export function writeOrNull(format: Format, model: Model): Uint8Array | null {
  try {
    return format.write?.(model) ?? null;
  } catch (error) {
    if (error instanceof UnsupportedError) return null;
    throw error;
  }
}

/** The model, verified as core does with all that it reads, or the error that it is refused with. */
export async function readOrError(format: Format, bytes: Uint8Array): Promise<Model | EspalierError> {
  try {
    const model = await format.read(bytes);
    verify(model);
    return model;
  } catch (error) {
    if (error instanceof EspalierError) return error;
    throw error;
  }
}
