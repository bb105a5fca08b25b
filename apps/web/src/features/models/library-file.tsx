import { useNavigate } from '@tanstack/react-router'
import { useQuery } from '@tanstack/react-query'
import { Copy, ShieldAlert, WandSparkles } from 'lucide-react'
import { easel } from '../../api/easel.ts'
import { useRights } from '../../api/rights.ts'
import { copyText } from '../../lib/copy.ts'
import { bytes, count, exactTime } from '../../lib/format.ts'
import { isGiven } from '../../lib/given.ts'
import { Button } from '../../ui/button.tsx'
import { Sheet } from '../../ui/sheet.tsx'
import { Failure, Loading } from '../../ui/states.tsx'
import { useFamilyNames } from './families.ts'
import { libraryFileQuery } from './installed-at.tsx'
import { LibraryFileActions } from './library-file-actions.tsx'
import { LibraryLink } from './library-link.tsx'
import { LibraryMetadata } from './library-metadata.tsx'
import { typeNames } from './models-words.ts'
import { TriggerWords } from './trigger-words.tsx'
import type { LibraryFileView, ModelCard } from '@easel/client'
import type { Recipe } from '../../lib/recipe.ts'
import type { Go } from './models-search.ts'

/** All that is known of one file, and what can be done with it. */
export function LibraryFile({ id, go }: { id: string; go: Go }) {
  const { data, error, refetch } = useQuery(libraryFileQuery(id))
  return (
    <Sheet name={data?.title ?? data?.name ?? 'File'} onClose={() => go({ file: undefined })}>
      {error && !data && <Failure error={error} retry={() => void refetch()} />}
      {!data && !error && <Loading rows={5} className="p-6 pt-16" />}
      {data && <Content file={data} go={go} />}
    </Sheet>
  )
}

function Content({ file, go }: { file: LibraryFileView; go: Go }) {
  const rights = useRights()
  const navigate = useNavigate()
  const recipe = recipeOf(file)
  const type = typeOf(file)
  return (
    <div className="flex flex-col gap-5 p-4 md:p-6">
      <header className="flex gap-4 pr-10">
        {isGiven(file.preview) && (
          <img
            src={`/api/library/files/${file.id}/preview`}
            alt=""
            className="size-24 shrink-0 rounded-control bg-hover object-cover"
          />
        )}
        <div className="flex min-w-0 flex-col items-start gap-2">
          <div className="min-w-0">
            <h2 className="text-xl font-semibold break-words" dir="auto">
              {file.title ?? file.name}
            </h2>
            <p className="text-ink-2">{type === undefined ? 'Of an unknown type' : typeNames[type]}</p>
          </div>
          {recipe && (
            <Button
              small
              look="primary"
              icon={<WandSparkles size={15} aria-hidden />}
              onClick={() => void navigate({ to: '/create', state: { recipe } })}
            >
              Use in Create
            </Button>
          )}
        </div>
      </header>
      {(file.unsafe || file.state === 'refused') && <Problem file={file} />}
      <Facts file={file} />
      <FileWords file={file} />
      <LibraryLink file={file} go={go} />
      {rights.admin && <LibraryFileActions file={file} go={go} />}
      <LibraryMetadata file={file} />
    </div>
  )
}

function Problem({ file: { unsafe, problem } }: { file: LibraryFileView }) {
  return (
    <p className="flex gap-2 rounded-control border border-bad/50 px-3 py-2 text-sm">
      <ShieldAlert size={15} className="mt-0.5 shrink-0 text-bad" aria-hidden />
      {unsafe
        ? 'It can run code when it is loaded, so Easel does not open it. Take a safetensors file where there is one.'
        : `It could not be read: ${problem ?? 'its content is not what its name says'}.`}
    </p>
  )
}

function Facts({ file }: { file: LibraryFileView }) {
  const nameOf = useFamilyNames()
  const facts: [name: string, value: string | undefined][] = [
    ['Path', isGiven(file.root) && file.root !== '' ? `${file.root}: ${file.path}` : file.path],
    ['Size', bytes(file.bytes)],
    ['Family', isGiven(file.family) ? nameOf(file.family) : (file.baseModel ?? undefined)],
    [
      'Precision',
      [file.precision, file.noise && `${file.noise} noise`].filter(Boolean).join(', ') || undefined,
    ],
    [
      'Content',
      [
        file.format,
        isGiven(file.parameterCount) &&
          file.parameterCount > 0 &&
          `${compact.format(file.parameterCount)} parameters`,
        isGiven(file.tensorCount) && count(file.tensorCount, 'tensor'),
        file.dtypes.join(', '),
      ]
        .filter(Boolean)
        .join(' · '),
    ],
    ['Also named', file.aliases?.length ? file.aliases.join(', ') : undefined],
    ['Changed', exactTime(file.modifiedAt)],
    ['SHA-256', file.sha256 ?? undefined],
    ['AutoV2', file.autoV2 ?? undefined],
    ['AutoV3', file.autoV3 ?? undefined],
  ]
  return (
    <dl className="grid grid-cols-[6.5rem_minmax(0,1fr)] gap-x-3 gap-y-1.5 text-sm">
      {facts.map(([name, value]) =>
        value === undefined ? null : (
          <div key={name} className="contents">
            <dt className="text-ink-2">{name}</dt>
            <dd className="flex items-start gap-1 break-all">
              <span className={/^(SHA|Auto)/.test(name) ? 'font-mono text-xs leading-4.5' : undefined}>
                {value}
              </span>
              {/^(Path|SHA|Auto)/.test(name) && (
                <button
                  type="button"
                  aria-label={`Copy ${name}`}
                  title={`Copy ${name}`}
                  onClick={() => void copyText(name === 'Path' ? file.path : value, name)}
                  className="shrink-0 rounded-control p-0.5 text-ink-3 hover:bg-hover hover:text-ink"
                >
                  <Copy size={13} aria-hidden />
                </button>
              )}
            </dd>
          </div>
        ),
      )}
    </dl>
  )
}

const compact = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 })

const origins = {
  catalogue: 'from the catalogue',
  sidecar: 'from its sidecar',
  header: 'from its training',
  none: undefined,
} as const

function FileWords({ file }: { file: LibraryFileView }) {
  const { data } = useQuery({
    queryKey: ['library', 'words', file.id],
    queryFn: () => easel.library.triggerWords({ fileId: file.id }),
  })
  const note = data && origins[data.from]
  return <TriggerWords words={data?.words ?? file.triggerWords} {...(note !== undefined && { note })} />
}

const folderTypes: Readonly<Record<string, ModelCard['type']>> = {
  checkpoints: 'checkpoint',
  diffusion_models: 'diffusion-model',
  loras: 'lora',
  vae: 'vae',
  text_encoders: 'text-encoder',
  embeddings: 'embedding',
  controlnet: 'controlnet',
  upscale_models: 'upscaler',
}

/** By its header, else by where it lies. */
const typeOf = ({ type, folder }: LibraryFileView): ModelCard['type'] | undefined =>
  type ?? folderTypes[folder]

/** What Create can do with a file of this type. */
function recipeOf(file: LibraryFileView): Recipe | undefined {
  if (file.unsafe || file.state !== 'ready') return undefined
  const name = file.path.startsWith(`${file.folder}/`) ? file.path.slice(file.folder.length + 1) : file.name
  const type = typeOf(file)
  if (type === 'checkpoint' || type === 'diffusion-model') return { model: name }
  if (type === 'lora' || type === 'locon' || type === 'dora') {
    const weight = file.preferredWeight
    const loras = [{ name, ...(isGiven(weight) && { weight }) }]
    return { loras, ...(file.triggerWords.length > 0 && { triggerWords: file.triggerWords.slice(0, 1) }) }
  }
  return undefined
}
