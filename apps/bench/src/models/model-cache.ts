import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** Keeps what takes seconds to make, as long as the sources that make it stay as they are. */
export interface ModelCache {
  /**
   * The bytes under a name, made where they are not there yet.
   *
   * @param isSound - whether what was made may be kept
   */
  bytes(
    name: string,
    make: () => Uint8Array | Promise<Uint8Array>,
    isSound?: () => Promise<boolean>,
  ): Promise<Uint8Array>;
}

/** Makes everything anew. */
export const noCache: ModelCache = {
  async bytes(_, make) {
    return make();
  },
};

/** @param folder - one for each state of the sources */
export function folderCache(folder: string): ModelCache {
  return {
    async bytes(name, make, isSound) {
      const file = path.join(folder, name);
      if (existsSync(file)) return new Uint8Array(readFileSync(file));
      const bytes = await make();
      if (isSound !== undefined && !(await isSound())) return bytes;
      mkdirSync(folder, { recursive: true });
      writeFileSync(file, bytes);
      return bytes;
    },
  };
}
