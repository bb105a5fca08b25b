import { AppError } from '@easel/protocol'
import { readdir, readFile, stat } from 'node:fs/promises'
import { join, parse } from 'node:path'
import type { AddBundle, BundleView, ImportedManifests, ImportManifests } from '@easel/client'
import type { Context } from '../commands/context.ts'
import { exitCodes, usageError, type ExitCode } from '../exit-codes.ts'
import { formatBytes, formatCount } from '../output/units.ts'

type Manifest = ImportManifests['manifests'][number]

const longest = 1_000_000
const most = 500

/** All together: manifests refer to each other by their file names. */
export async function importManifests(
  context: Context,
  paths: readonly string[],
  { dryRun = false }: { dryRun?: boolean },
): Promise<ExitCode> {
  const { out } = context
  const manifests = await readManifests(paths)
  const imported = await (await context.api()).bundles.import({ manifests, dryRun })
  out.show(imported, linesOf)
  return imported.refused.length > 0 ? exitCodes.failed : exitCodes.ok
}

export async function saveBundle(context: Context, path: string): Promise<BundleView> {
  const { id, ...bundle } = parseBundle(await readText(path), path)
  return (await context.api()).bundles.put(id, bundle)
}

async function readManifests(paths: readonly string[]): Promise<Manifest[]> {
  const files: string[] = []
  for (const path of paths) files.push(...(await filesOf(path)))
  if (files.length === 0) throw usageError('There are no *.json files')
  if (files.length > most) throw usageError(`${files.length} files are too many: ${most} at once`)
  return Promise.all(files.map(async (file) => ({ name: parse(file).name, text: await readText(file) })))
}

async function filesOf(path: string): Promise<string[]> {
  const found = await stat(path).catch((cause: NodeJS.ErrnoException) => {
    throw cause.code === 'ENOENT' ? usageError(`There is no ${path}`) : cause
  })
  if (!found.isDirectory()) return [path]
  const names = await readdir(path)
  return names
    .filter((name) => name.endsWith('.json'))
    .toSorted()
    .map((name) => join(path, name))
}

async function readText(path: string): Promise<string> {
  const text = await readFile(path, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    throw cause.code === 'ENOENT' ? usageError(`There is no file ${path}`) : cause
  })
  if (text.length > longest) throw usageError(`${path} is too large for a manifest`)
  return text
}

function parseBundle(text: string, path: string): AddBundle {
  try {
    const bundle = JSON.parse(text) as AddBundle
    if (typeof bundle?.id === 'string') return bundle
  } catch (cause) {
    throw new AppError('invalid', `${path} is no JSON: ${(cause as Error).message}`, {
      reason: 'USAGE',
      cause,
    })
  }
  throw usageError(`${path} has no "id"`)
}

function linesOf({ bundles, refused }: ImportedManifests): string[] {
  return [
    ...bundles.map(
      ({ id, files, bytes }) => `${id}  ${formatCount(files.length, 'file')}, ${formatBytes(bytes)}`,
    ),
    ...refused.map(({ name, problem }) => `${name}  refused: ${problem}`),
  ]
}
