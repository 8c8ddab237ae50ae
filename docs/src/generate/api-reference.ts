import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, posix } from 'node:path';
import { Application, LogLevel } from 'typedoc';
import { docs, type PublicPackage, root } from '../repository.js';
import { type GeneratedPage, page } from './page.js';

/**
 * One page a package with all that it exports, by TypeDoc. It reads the built declarations, which hold every comment. Seconds, so
 * the pages are kept until a declaration changes.
 */
export async function apiReference(packages: readonly PublicPackage[]): Promise<readonly GeneratedPage[]> {
  const kept = join(docs, 'generated/reference.json');
  const key = hashOf(packages);
  if (existsSync(kept)) {
    const stored = JSON.parse(readFileSync(kept, 'utf8')) as {
      readonly key: string;
      readonly pages: GeneratedPage[];
    };
    if (stored.key === key) return stored.pages;
  }
  const pages = await runTypeDoc(packages);
  mkdirSync(dirname(kept), { recursive: true });
  writeFileSync(kept, JSON.stringify({ key, pages }));
  return pages;
}

/** TypeDoc's own, and those of its Markdown plugin, which adds to them. */
type TypeDocOptions = NonNullable<Parameters<typeof Application.bootstrapWithPlugins>[0]>;

/** Of all declarations the pages are made from, and of what makes them. */
function hashOf(packages: readonly PublicPackage[]): string {
  const hash = createHash('sha256').update(JSON.stringify(packages)).update(typedocOptions.toString());
  for (const { folder } of packages) {
    const dist = join(root, folder, 'dist');
    const files = readdirSync(dist, { recursive: true, encoding: 'utf8' }).filter((file) =>
      file.endsWith('.d.ts'),
    );
    for (const file of files.sort()) hash.update(file).update(readFileSync(join(dist, file)));
  }
  return hash.digest('hex');
}

async function runTypeDoc(packages: readonly PublicPackage[]): Promise<readonly GeneratedPage[]> {
  const work = mkdtempSync(join(tmpdir(), 'espalier-reference-'));
  try {
    const app = await Application.bootstrapWithPlugins(typedocOptions(packages, work));
    const project = await app.convert();
    if (project === undefined) throw new Error('TypeDoc read no declarations');
    await app.generateOutputs(project);
    return packages.map((part) =>
      referencePage(part, readFileSync(join(work, part.folder, 'dist.md'), 'utf8'), packages),
    );
  } finally {
    rmSync(work, { recursive: true });
  }
}

function typedocOptions(packages: readonly PublicPackage[], work: string): TypeDocOptions {
  // What the command re-exports is told with the package that it comes from.
  const ownersFirst = [...packages].sort(
    (a, b) => Number(a.name === 'espalier') - Number(b.name === 'espalier'),
  );
  const entryPoints = ownersFirst.map(({ folder }) => join(root, folder, 'dist/index.d.ts'));
  const tsconfig = join(work, 'tsconfig.json');
  const compilerOptions = {
    module: 'nodenext',
    target: 'es2022',
    lib: ['es2023', 'dom', 'dom.iterable'],
    types: [],
    strict: true,
    skipLibCheck: true,
    noEmit: true,
    rootDir: root,
  };
  writeFileSync(tsconfig, JSON.stringify({ compilerOptions, files: entryPoints }));
  const options = {
    entryPoints,
    tsconfig,
    plugin: ['typedoc-plugin-markdown'],
    basePath: root,
    out: work,
    cleanOutputDir: false,
    router: 'module',
    readme: 'none',
    skipErrorChecking: true, // the packages are checked where they are built
    disableSources: true,
    hidePageHeader: true,
    hideBreadcrumbs: true,
    hidePageTitle: true,
    excludeExternals: true,
    logLevel: LogLevel.Error,
    parametersFormat: 'table',
    interfacePropertiesFormat: 'table',
    classPropertiesFormat: 'table',
    propertyMembersFormat: 'table',
    typeDeclarationFormat: 'table',
    tableColumnSettings: { hideModifiers: true, hideInherited: true },
    useCodeBlocks: true,
  };
  return options;
}

function referencePage(
  { name, folder, page: file }: PublicPackage,
  text: string,
  packages: readonly PublicPackage[],
): GeneratedPage {
  const pageOf = new Map(packages.map((part) => [`${part.folder}/dist.md`, `/reference/${part.page}`]));
  const linked = text.replace(/\]\(([^)#\s]+\.md)(#[^)\s]*)?\)/g, (whole, target: string, anchor = '') => {
    const found = pageOf.get(posix.normalize(posix.join(folder, target)));
    return found === undefined ? whole : `](${found}${anchor})`;
  });
  const listing = name.replace('@espalier/', '');
  const home = folder.startsWith('plugins/') ? `/plugins/${file}` : `/packages/${file}`;
  return page(
    `reference/${file}.md`,
    { title: name, description: `All that ${name} exports.`, outline: [2, 3] },
    `# ${name}\n\n[What it is](${home}). [The bare declarations](/api/${listing}), as a review sees them change.\n\n${linked}`,
  );
}
