const suffix = '_codes';

/** The name of the codes of a value, where a file has them under one. */
export function codesName(name: string): string {
  return `${name}${suffix}`;
}

/** The name of the value that codes stand for; that of the codes where it tells nothing. */
export function nameOfCodes(name: string): string {
  return name.endsWith(suffix) && name.length > suffix.length ? name.slice(0, -suffix.length) : name;
}
