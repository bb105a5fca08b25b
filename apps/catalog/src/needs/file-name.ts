const maxName = 200

/** A name that is safe below a folder, of whatever a source says. */
export function fileNameOf(name: string): string {
  const last = name.replaceAll('\\', '/').split('/').at(-1)!
  // oxlint-disable-next-line no-control-regex -- these are what must not get through
  const clean = last
    .replaceAll(/[\u0000-\u001f\u007f<>:"|?*\u202a-\u202e\u2066-\u2069]/g, '_')
    .replace(/^[.\s-]+/, '')
  const dot = clean.lastIndexOf('.')
  const ending = dot > 0 && clean.length - dot <= 16 ? clean.slice(dot) : ''
  const stem = clean
    .slice(0, clean.length - ending.length)
    .slice(0, maxName - ending.length)
    .trimEnd()
  return stem === '' ? `model${ending}` : `${stem}${ending}`
}

/** As above, for a path whose folders are kept. */
export function filePathOf(path: string): string {
  return path
    .split('/')
    .filter((part) => part !== '' && part !== '.' && part !== '..')
    .map(fileNameOf)
    .join('/')
}
