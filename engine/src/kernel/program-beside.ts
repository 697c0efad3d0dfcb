/**
 * Where a program stands that runs in a process or thread of its own. Its ending is that of the module beside it: TypeScript in
 * the repository, JavaScript in a published package.
 * @param name without the ending
 * @param module `import.meta.url` of a module in the same folder
 */
export function programBeside(name: string, module: string): URL {
  return new URL(`./${name}${module.slice(module.lastIndexOf('.'))}`, module)
}
