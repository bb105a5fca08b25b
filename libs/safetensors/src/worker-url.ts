/** The file of a thread, beside this one: `.ts` when Node runs the source, `.js` when it runs the build. */
export const workerUrl = (name: 'header' | 'hash'): URL =>
  new URL(`./${name}.worker${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url)
