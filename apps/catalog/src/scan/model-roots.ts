import { basename, delimiter } from 'node:path'

/** A folder of models. Only the first, the unnamed one, is written to. */
export type ModelRoot = { readonly name: string; readonly directory: string }

/** `/mnt/models:a1111=/data/sd/models`: folders with or without names; without one it is the folder's own. */
export function parseExtraRoots(setting: string): ModelRoot[] {
  const roots: ModelRoot[] = []
  for (const part of setting.split(delimiter)) {
    const [, given, directory = ''] = /^(?:([A-Za-z0-9_.-]{1,64})=)?(.*)$/s.exec(part.trim()) ?? []
    if (directory === '') continue
    const wanted =
      given ??
      (basename(directory)
        .replaceAll(/[^\w.-]/g, '_')
        .slice(0, 60) ||
        'models')
    let name = wanted
    for (let count = 2; roots.some((root) => root.name === name); count += 1) name = `${wanted}-${count}`
    roots.push({ name, directory })
  }
  return roots
}

/** Paths that are to be looked through, of all roots in one set. */
export const requestOf = (root: string, path: string): string => `${root}\0${path}`

export function parseRequest(request: string): { root: string; path: string } {
  const at = request.indexOf('\0')
  return { root: request.slice(0, at), path: request.slice(at + 1) }
}
