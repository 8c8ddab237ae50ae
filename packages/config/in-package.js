// Tests run in the folder of their package. Vitest starts them in its root, which is the workspace's: vitest.js.
process.chdir(process.env.ESPALIER_PACKAGE);
