import { ArrowDownToLine, CircleCheck, ShieldAlert, ShieldCheck } from 'lucide-react'
import { useState } from 'react'
import { bytes, count, exactTime } from '../../lib/format.ts'
import { Button } from '../../ui/button.tsx'
import { copyText } from '../../lib/copy.ts'
import { Example } from './model-tile.tsx'
import { useInstall } from './install.ts'
import { isGiven } from '../../lib/given.ts'
import type { CreateDownload, ExampleView, ModelFileView, ModelView, VersionView } from '@easel/client'

export function Version({ model, version }: { model: ModelView; version: VersionView }) {
  return (
    <>
      <Examples version={version} />
      {version.triggerWords.length > 0 && (
        <section>
          <h3 className="mb-1 font-medium">Trigger words</h3>
          <div className="flex flex-wrap gap-1.5">
            {version.triggerWords.map((word) => (
              <button
                key={word}
                type="button"
                title="Copy"
                onClick={() => void copyText(word, `“${word.slice(0, 40)}”`)}
                className="max-w-full truncate rounded-full border bg-accent-soft px-2.5 py-0.5 text-sm hover:border-accent"
                dir="auto"
              >
                {word}
              </button>
            ))}
          </div>
        </section>
      )}
      <section>
        <h3 className="mb-1 font-medium">Files</h3>
        {version.gate === 'early-access' && isGiven(version.earlyAccessUntil) && (
          <p className="mb-1 text-sm text-warn">
            For those who paid until {exactTime(version.earlyAccessUntil)}.
          </p>
        )}
        <ul className="divide-y rounded-panel border">
          {version.files.map((file) => (
            <File key={file.id} model={model} version={version} file={file} />
          ))}
        </ul>
      </section>
    </>
  )
}

function wishFor(model: ModelView, version: VersionView, file: ModelFileView): CreateDownload {
  if (model.source === 'civitai') {
    return { source: 'civitai', versionId: version.id, ...(!file.primary && { fileId: file.id }) }
  }
  return { source: 'huggingface', repo: model.id, path: file.id, revision: version.id }
}

function File({ model, version, file }: { model: ModelView; version: VersionView; file: ModelFileView }) {
  const install = useInstall(file.name)
  const { pickleScan, virusScan } = file
  const bad = [pickleScan, virusScan].some((scan) => isGiven(scan) && /danger|fail|infect/i.test(scan))
  const good = pickleScan === 'Success' && virusScan === 'Success'
  return (
    <li className="flex flex-wrap items-center gap-x-3 gap-y-1 px-3 py-2">
      <div className="min-w-0 flex-1 basis-52">
        <p className="truncate font-medium" title={file.name}>
          {file.name}
        </p>
        <p className="nums flex flex-wrap gap-x-2 text-sm text-ink-2">
          {[
            isGiven(file.bytes) && bytes(file.bytes),
            file.precision,
            file.format,
            file.role,
            file.folder && `→ ${file.folder}`,
          ]
            .filter(Boolean)
            .join(' · ')}
          {good && (
            <span className="inline-flex items-center gap-1 text-good">
              <ShieldCheck size={13} aria-hidden /> scanned
            </span>
          )}
          {(bad || file.unsafe) && (
            <span className="inline-flex items-center gap-1 text-bad">
              <ShieldAlert size={13} aria-hidden />{' '}
              {bad ? 'its scan found danger' : 'can run code when it is loaded'}
            </span>
          )}
        </p>
      </div>
      {isGiven(file.libraryFileId) ? (
        <span className="inline-flex items-center gap-1.5 text-sm font-medium text-good">
          <CircleCheck size={15} aria-hidden /> Installed
        </span>
      ) : model.source === 'local' ? null : (
        <Button
          small
          look={file.primary ? 'primary' : 'plain'}
          icon={<ArrowDownToLine size={15} aria-hidden />}
          disabled={install.isPending || install.isSuccess}
          onClick={() => install.mutate(wishFor(model, version, file))}
        >
          {install.isSuccess ? 'Being fetched' : 'Install'}
        </Button>
      )}
    </li>
  )
}

function Examples({ version }: { version: VersionView }) {
  const [shown, setShown] = useState<ExampleView>()
  const { images, hiddenImages } = version
  if (images.length === 0 && hiddenImages === 0) return null
  return (
    <section aria-label="Examples" className="flex flex-col gap-2">
      {images.length > 0 && (
        <ul className="flex gap-2 overflow-x-auto pb-1">
          {images.map((image) => (
            <li key={image.url} className="shrink-0">
              <button
                type="button"
                aria-pressed={shown === image}
                onClick={() => setShown(shown === image ? undefined : image)}
                className="block h-52 overflow-hidden rounded-control bg-hover aria-pressed:ring-3 aria-pressed:ring-accent"
                style={{
                  aspectRatio: image.width && image.height ? `${image.width} / ${image.height}` : '3 / 4',
                }}
              >
                <Example example={image} alt={image.prompt?.slice(0, 120) ?? 'Example'} />
              </button>
            </li>
          ))}
        </ul>
      )}
      {hiddenImages > 0 && (
        <p className="text-sm text-ink-2">
          {count(hiddenImages, 'example')} above your level {hiddenImages === 1 ? 'is' : 'are'} not shown.
        </p>
      )}
      {shown && <Settings example={shown} />}
    </section>
  )
}

function Settings({ example }: { example: ExampleView }) {
  const { prompt, negative, meta } = example
  const facts = Object.entries(meta ?? {}).filter(
    ([, value]) => typeof value === 'string' || typeof value === 'number',
  )
  if (!isGiven(prompt) && facts.length === 0)
    return <p className="text-sm text-ink-2">Its maker did not say how it was made.</p>
  return (
    <div className="flex flex-col gap-2 rounded-panel border bg-inset p-3 text-sm">
      {isGiven(prompt) && <p dir="auto">{prompt}</p>}
      {isGiven(negative) && (
        <p className="text-ink-2" dir="auto">
          Not: {negative}
        </p>
      )}
      {facts.length > 0 && (
        <p className="nums text-ink-2">
          {facts.map(([name, value]) => `${name} ${String(value)}`).join(' · ')}
        </p>
      )}
      {isGiven(prompt) && (
        <Button
          small
          className="self-start"
          onClick={() =>
            void copyText(
              [prompt, isGiven(negative) && `Negative prompt: ${negative}`].filter(Boolean).join('\n'),
              'The prompt',
            )
          }
        >
          Copy the prompt
        </Button>
      )}
    </div>
  )
}
