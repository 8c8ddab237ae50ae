import { readFileSync } from 'node:fs';
import { checkPackage, createPackageFromTarballData, type Package } from '@arethetypeswrong/core';
import { problemKindInfo } from '@arethetypeswrong/core/problems';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';

/** Every package is ES modules only: what TypeScript says of `require` and of Node 10 is no fault. */
const esmOnly = new Set(['node10', 'node16-cjs']);

/** What npm would never run of its own accord, were it there. */
const installScripts = ['preinstall', 'install', 'postinstall', 'prepare'];

/** Everything that is wrong with a tarball, a line each. */
export async function packFaults(tarball: string): Promise<readonly string[]> {
  const bytes = new Uint8Array(readFileSync(tarball));
  const content = createPackageFromTarballData(bytes);
  return [...(await lint(bytes)), ...(await typeFaults(content)), ...contentFaults(content)];
}

async function lint(bytes: Uint8Array): Promise<readonly string[]> {
  const { messages, pkg } = await publint({ pack: { tarball: bytes.slice().buffer }, strict: true });
  return messages.map((message) => `publint: ${formatMessage(message, pkg)}`);
}

async function typeFaults(content: Package): Promise<readonly string[]> {
  const analysis = await checkPackage(content);
  if (analysis.types === false) return ['attw: the package has no types'];
  return analysis.problems
    .filter((problem) => !('resolutionKind' in problem && esmOnly.has(problem.resolutionKind)))
    .map((problem) => {
      const where = 'entrypoint' in problem ? problem.entrypoint : '';
      return `attw: ${problemKindInfo[problem.kind].title} ${where}`;
    });
}

/** What neither of them looks at. */
function contentFaults(content: Package): readonly string[] {
  const root = `/node_modules/${content.packageName}/`;
  const files = content.listFiles().map((file) => file.slice(root.length));
  const manifest = JSON.parse(content.readFile(`${root}package.json`));
  const listed = { ...manifest.dependencies, ...manifest.peerDependencies, ...manifest.optionalDependencies };
  const isPlugin =
    /(^|\/)(espalier-)?plugin-/.test(manifest.name) && manifest.name !== '@espalier/plugin-kit';
  const faults: readonly (readonly [boolean, string])[] = [
    [!files.includes('README.md'), 'it has no README.md'],
    [!files.includes('LICENSE'), 'it has no LICENSE'],
    [manifest.license !== 'MIT', 'its license is not that of the workspace'],
    [!manifest.description, 'it has no description'],
    [manifest.engines?.node !== '>=20.19', 'it does not say which Node it runs on'],
    [files.some((file) => /^dist\/.*\.test\./.test(file)), 'it holds tests'],
    [JSON.stringify(listed).includes('workspace:'), 'it depends on packages of a workspace'],
    [installScripts.some((name) => manifest.scripts?.[name] !== undefined), 'it runs a script on install'],
    [isPlugin && !manifest.keywords?.includes('espalier-plugin'), 'it lacks the keyword "espalier-plugin"'],
    [isPlugin && manifest.peerDependencies?.['@espalier/core'] === undefined, 'core is no peer of it'],
    [isPlugin && manifest.dependencies?.['@espalier/core'] !== undefined, 'it brings a core of its own'],
  ];
  return faults.filter(([isFault]) => isFault).map(([, fault]) => fault);
}
