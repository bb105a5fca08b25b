import type { HashMatch, ModelView } from '@easel/client'
import type { Context } from '../commands/context.ts'
import { formatFacts, formatTable, type Column } from '../output/table.ts'
import { formatBytes } from '../output/units.ts'
import { writeModelName } from './model-name.ts'

type Version = ModelView['versions'][number]
type File = Version['files'][number]

const fileColumns: readonly Column<File>[] = [
  { title: '', value: ({ primary }) => (primary ? '*' : '') },
  { title: 'FILE', value: ({ id }) => id, flexible: true },
  { title: 'NAME', value: ({ name }) => name, flexible: true },
  { title: 'FOLDER', value: ({ folder }) => folder, optional: true },
  { title: 'PRECISION', value: ({ precision }) => precision, optional: true },
  { title: 'SIZE', value: ({ bytes }) => formatBytes(bytes), side: 'right' },
  { title: 'SCAN', value: scanOf, optional: true },
  { title: 'HERE', value: ({ libraryFileId }) => (libraryFileId ? 'yes' : '') },
]

/** Versions, the newest first; all of them only when asked for. */
export function showModel({ out }: Context, model: ModelView, { all = false }: { all?: boolean } = {}): void {
  if (out.json) return out.printJson(model)
  const versions = all ? model.versions : model.versions.slice(0, 1)
  out.printLines([
    ...formatFacts([
      ['model', writeModelName(model)],
      ['name', model.name],
      ['type', model.type],
      ['base', [model.family, model.baseModel].filter(Boolean).join(', ')],
      ['creator', model.creator],
      ['tags', model.tags.join(', ')],
      ['level', model.nsfw],
      ['downloads', model.downloads],
      ['likes', model.likes],
      ['licence', model.licence.name ?? model.licence.id],
      ...model.licence.terms.map((term) => ['', term] as const),
      ['access', model.gate === 'open' ? '' : `${model.gate}${at(model.approvalUrl)}`],
      ['here', model.installed.state === 'none' ? '' : model.installed.state],
      ['page', model.url],
    ]),
    ...versions.flatMap((version) => ['', ...versionLines(version, out.columns)]),
  ])
  const left = model.versions.length - versions.length
  if (left > 0) out.note(`There are ${left} older versions: --versions shows them`)
  if (model.stale) out.note(`The source does not answer: this is what it said at ${model.syncedAt ?? '?'}`)
}

export function showMatch({ out }: Context, match: HashMatch): void {
  if (out.json) return out.printJson(match)
  const { model, version, fileId } = match
  out.facts([
    ['model', writeModelName(model)],
    ['name', model.name],
    ['version', `${version.name} (${version.id})`],
    ['file', version.files.find(({ id }) => id === fileId)?.name ?? fileId],
    ['type', model.type],
    ['base', [version.family, version.baseModel].filter(Boolean).join(', ')],
    ['triggers', version.triggerWords.join(', ')],
  ])
}

function versionLines(version: Version, columns: number | undefined): string[] {
  const { id, name, triggerWords, gate, earlyAccessUntil, publishedAt, files } = version
  return [
    ...formatFacts([
      ['version', `${name} (${id})`],
      ['published', publishedAt],
      ['access', gate === 'open' ? '' : `${gate}${earlyAccessUntil ? ` until ${earlyAccessUntil}` : ''}`],
      ['triggers', triggerWords.join(', ')],
    ]),
    ...formatTable(files, fileColumns, { ...(columns !== undefined && { columns }) }),
  ]
}

function scanOf({ unsafe, pickleScan, virusScan }: File): string {
  const bad = [pickleScan, virusScan].filter((scan) => scan && scan !== 'Success')
  return [unsafe ? 'UNSAFE' : '', ...bad].filter(Boolean).join(' ')
}

const at = (url: string | null | undefined) => (url ? `: ${url}` : '')
