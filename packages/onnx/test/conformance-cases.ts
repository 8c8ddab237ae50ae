import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** A tensor as the conformance runner reads it; float16 as bits, bool as bytes. */
export interface CaseTensor {
  readonly type: string;
  readonly dims: readonly number[];
  readonly data: ArrayLike<number | bigint>;
}

export interface Case {
  readonly name: string;
  readonly directory: string;
  readonly opset: number;
  readonly ir: number;
  readonly kind: string;
  readonly tol?: object;
}

export interface ReadCase {
  readonly bytes: Uint8Array;
  readonly sets: readonly {
    readonly inputs: Readonly<Record<string, CaseTensor>>;
    readonly outputs: readonly (CaseTensor & { readonly name: string })[];
  }[];
}

/** What is used of the runner that comes with the cases. */
interface Runner {
  readCase(directory: string): ReadCase;
  withConstants(bytes: Uint8Array, ir: number, constants: Readonly<Record<string, CaseTensor>>): Uint8Array;
  tolerance(read: ReadCase, flags: object | undefined): object;
  compareTensor(expected: CaseTensor, actual: CaseTensor | undefined, tolerance: object): string | null;
}

const folder = new URL('../../../../shared/conformance/', import.meta.url);

export const hasCases = existsSync(new URL('onnx/index.json', folder));

export async function loadRunner(): Promise<Runner> {
  return (await import(new URL('run.mjs', folder).href)) as Runner;
}

export async function listCases(): Promise<readonly Case[]> {
  const { readFile } = await import('node:fs/promises');
  const index = JSON.parse(await readFile(new URL('onnx/index.json', folder), 'utf8')) as {
    cases: readonly (Omit<Case, 'name' | 'directory'> & { case: string })[];
  };
  return index.cases.map(({ case: name, ...rest }) => ({
    ...rest,
    name,
    directory: fileURLToPath(new URL(`onnx/${name}`, folder)),
  }));
}
