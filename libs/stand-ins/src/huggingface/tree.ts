import { json, type Answer, type Call } from '../http/answer.ts'
import { HubFault } from './hub-fault.ts'
import type { HfCommit, HfFile, HfRepo } from '../world/huggingface-world.ts'

type TreeAsked = { repo: HfRepo; commit: HfCommit; call: Call; below: string; pageSize: number }

export function tree({ commit, call, below, pageSize }: TreeAsked): Answer {
  const expand = call.query.get('expand') === 'true'
  const all = entriesBelow(commit, { below, recursive: call.query.get('recursive') === 'true', expand })
  if (below !== '' && all.length === 0) {
    throw new HubFault(404, { code: 'EntryNotFound', message: `${below} does not exist` })
  }
  const size = expand ? Math.max(1, Math.floor(pageSize / 10)) : pageSize
  const start = Number(call.query.get('cursor') ?? 0)
  const end = start + size
  if (end >= all.length) return json(200, all.slice(start))
  const next = new URL(call.url)
  next.searchParams.set('cursor', String(end))
  return json(200, all.slice(start, end), { link: `<${next.href}>; rel="next"` })
}

/** Missing paths are left out without a word. */
export function pathsInfo(commit: HfCommit, call: Call): Answer {
  const { paths, expand } = JSON.parse(call.body.toString('utf8')) as { paths: string[]; expand?: boolean }
  const files = commit.files.filter(({ path }) => paths.includes(path))
  return json(
    200,
    files.map((file) => fileEntry(commit, file, expand === true)),
  )
}

type Listing = { below: string; recursive: boolean; expand: boolean }

function entriesBelow(commit: HfCommit, { below, recursive, expand }: Listing): unknown[] {
  const prefix = below === '' ? '' : `${below}/`
  const inside = commit.files.filter(({ path }) => path.startsWith(prefix))
  const folders = new Set<string>()
  for (const { path } of inside) {
    const parts = path.slice(prefix.length).split('/').slice(0, -1)
    const depth = recursive ? parts.length : Math.min(1, parts.length)
    for (let count = 1; count <= depth; count++) folders.add(prefix + parts.slice(0, count).join('/'))
  }
  const files = inside.filter(({ path }) => recursive || !path.slice(prefix.length).includes('/'))
  return [
    ...[...folders].toSorted().map((path) => ({ type: 'directory', oid: commit.sha, size: 0, path })),
    ...files.map((file) => fileEntry(commit, file, expand)),
  ]
}

function fileEntry(commit: HfCommit, file: HfFile, expand: boolean) {
  return {
    type: 'file',
    oid: file.oid,
    size: file.bytes.length,
    ...(file.lfs && {
      lfs: { oid: file.sha256, size: file.bytes.length, pointerSize: 134 },
      xetHash: file.xetHash,
    }),
    path: file.path,
    ...(expand && { lastCommit: { id: commit.sha, title: 'Upload', date: commit.date } }),
  }
}
