import { readFileSync, writeFileSync } from 'node:fs';

const file = new URL('./README.md', import.meta.url);
const place = /(<!-- measured -->\n)[\s\S]*?(<!-- \/measured -->)/;

/**
 * Prints a table, and puts it into the README between `<!-- measured -->` and `<!-- /measured -->`.
 *
 * @param {readonly (readonly (string | number)[])[]} rows the titles first
 */
export function writeTable(rows) {
  const [titles = [], ...body] = rows;
  const line = (cells) => `| ${cells.join(' | ')} |`;
  const rule = titles.map((_, column) => (typeof body[0]?.[column] === 'number' ? '---:' : '---'));
  const table = [titles, rule, ...body].map(line).join('\n');
  const readme = readFileSync(file, 'utf8');
  if (!place.test(readme)) throw new Error('README.md has no place for the table: <!-- measured -->');
  writeFileSync(
    file,
    readme.replace(place, (_, start, end) => `${start}${table}\n${end}`),
  );
  console.log(table);
}
