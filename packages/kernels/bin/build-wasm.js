/**
 * Compiles assembly/simd.ts and writes it as text to src/gen/simd-wasm.ts, so that neither Node, a
 * browser nor a bundler has to find a second file. `node bin/build-wasm.js`
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import asc from 'assemblyscript/asc';
import { encodeBinary } from './binary-text.js';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Compiler options of each binary. `scalar` keeps its assertions: it is the judge in tests. */
const BINARIES = {
  simd: ['--enable', 'simd', '--noAssert', '-O3'],
  scalar: ['-O2'],
};

/**
 * @param {'simd' | 'scalar'} name
 * @returns {Promise<Uint8Array>} the binary
 */
export async function compile(name) {
  let binary;
  const { error, stderr } = await asc.main(
    [
      `assembly/${name}.ts`,
      '--baseDir',
      root,
      '--outFile',
      `${name}.wasm`,
      '--runtime',
      'stub',
      '--importMemory',
      '--noExportMemory',
      ...BINARIES[name],
    ],
    {
      writeFile: (_file, contents) => {
        binary = contents;
      },
    },
  );
  if (error || !binary)
    throw new Error(`assembly/${name}.ts does not compile:\n${stderr.toString()}`, { cause: error });
  return binary;
}

/** The text of src/gen/simd-wasm.ts for a binary. */
export function generatedModule(binary) {
  return `// Made by bin/build-wasm.js from assembly/. Do not edit.\nexport const simdWasm: string =\n  '${encodeBinary(binary)}';\n`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const binary = await compile('simd');
  await mkdir(new URL('../src/gen/', import.meta.url), { recursive: true });
  await writeFile(new URL('../src/gen/simd-wasm.ts', import.meta.url), generatedModule(binary));
  console.log(`simd.wasm: ${binary.length} bytes`);
}
