/** The npm package of a kind whose file names none. */
export function packageOfKind(kind: string): string {
  return `@espalier/plugin-${kind}`;
}

/** Whether a text is the name of a package and nothing else: what a file says ends in a command that users copy. */
export function isPackageName(text: string): boolean {
  return /^(@[a-z0-9][\w.-]*\/)?[a-z0-9][\w.-]*$/i.test(text) && text.length <= 214;
}
