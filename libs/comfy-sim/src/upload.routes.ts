import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { dirname, join, parse, relative, resolve } from 'node:path'
import type { Reply, Request, Route } from './http-server.ts'
import { isRecord } from './json.ts'
import { parseMultipart, type FormPart } from './multipart.ts'
import { isFolderKind, isInside, type FolderKind, type OutputFolder } from './output-files.ts'

type Upload = { kind: FolderKind; name: string; subfolder: string; overwrite: boolean; bytes: Buffer }

/** Reads the form; a number is the status of the refusal. */
function uploadOf(parts: readonly FormPart[]): Upload | number {
  const field = (name: string) => parts.find((part) => part.name === name)?.bytes.toString()
  const picture = parts.find((part) => part.name === 'image' && part.filename !== undefined)
  if (!picture?.filename) return 400
  const kind = field('type') ?? 'input'
  if (!isFolderKind(kind)) throw new TypeError(`no folder '${kind}'`)
  const overwrite = ['true', '1'].includes(field('overwrite') ?? '')
  return {
    kind,
    name: picture.filename,
    subfolder: field('subfolder') ?? '',
    overwrite,
    bytes: picture.bytes,
  }
}

/** A free name for these bytes; the same bytes keep their name. */
async function nameFor(
  folder: string,
  { name, bytes, overwrite }: Upload,
): Promise<{ name: string; exists: boolean }> {
  if (overwrite) return { name, exists: false }
  const { name: stem, ext } = parse(name)
  for (let count = 0, candidate = name; ; candidate = `${stem} (${count})${ext}`) {
    const path = join(folder, candidate)
    if (!existsSync(path)) return { name: candidate, exists: false }
    if (bytes.equals(await readFile(path))) return { name: candidate, exists: true }
    count++
  }
}

type Save = (path: string, bytes: Buffer, parts: readonly FormPart[]) => Promise<void>

async function upload(request: Request, files: OutputFolder, save: Save): Promise<Reply> {
  const parts = parseMultipart(request.body, request.headers['content-type'])
  const form = parts && uploadOf(parts)
  if (!form || typeof form === 'number') return { status: form ?? 400 }
  const root = files.path(form.kind)
  const folder = resolve(root, form.subfolder)
  const target = resolve(folder, form.name)
  if (target.includes('\0') || !isInside(root, folder) || !isInside(root, target)) return { status: 400 }
  await mkdir(folder, { recursive: true })
  if (!existsSync(dirname(target))) throw new Error(`no such folder: ${dirname(target)}`)
  const { name, exists } = await nameFor(folder, form)
  if (!exists) await save(join(folder, name), form.bytes, parts)
  const subfolder = relative(root, folder)
  return { json: { name, subfolder, type: form.kind } }
}

/** Puts the mask's alpha into a copy of the picture it belongs to; without that picture nothing is written. */
const saveMask =
  (files: OutputFolder): Save =>
  async (path, bytes, parts) => {
    const text = parts.find((part) => part.name === 'original_ref')?.bytes.toString()
    if (text === undefined) return writeFile(path, bytes)
    const reference: unknown = JSON.parse(text)
    if (!isRecord(reference)) throw new TypeError('original_ref is no object')
    const { type = 'output', subfolder = '', filename } = reference
    if (typeof type !== 'string' || typeof subfolder !== 'string' || typeof filename !== 'string') return
    if (!isFolderKind(type)) return
    const original = files.locate(join(subfolder, filename), type)
    if (!original || !existsSync(original)) return
    const { withAlphaOf } = await import('./picture-file.ts')
    await writeFile(path, await withAlphaOf(await readFile(original), bytes))
  }

/** Putting files in. */
export function uploadRoutes(files: OutputFolder): Route[] {
  return [
    {
      method: 'POST',
      path: '/upload/image',
      handle: (request) => upload(request, files, (path, bytes) => writeFile(path, bytes)),
    },
    { method: 'POST', path: '/upload/mask', handle: (request) => upload(request, files, saveMask(files)) },
    {
      method: 'GET',
      path: '/internal/files/{kind}',
      handle: async (_request, [kind]) => {
        if (!kind || !isFolderKind(kind)) return { status: 400, json: { error: 'Invalid directory type' } }
        const folder = files.path(kind)
        const found = (await readdir(folder, { withFileTypes: true })).filter((entry) => entry.isFile())
        const dated = await Promise.all(
          found.map(async ({ name }) => ({ name, at: (await stat(join(folder, name))).mtimeMs })),
        )
        return { json: dated.toSorted((a, b) => b.at - a.at).map(({ name }) => `${name} [${kind}]`) }
      },
    },
  ]
}
