import { bearer, json, redirect, text, type Answer, type Call } from '../http/answer.ts'
import { refusal } from '../http/strike.ts'
import type { CivitaiOptions } from './options.ts'
import type { CivitaiFile, CivitaiModel, CivitaiVersion } from '../world/civitai-shape.ts'

const browser = /mozilla|chrome|safari|firefox|opera|edge/i

/** Redirects to a signed address of the delivery host, or says why not: to browsers with pages instead of JSON. */
export function download(options: CivitaiOptions, call: Call, versionId: string): Answer {
  const answer = decide(options, call, versionId)
  if (answer.status < 400 || !browser.test(call.headers['user-agent'] ?? '')) return answer
  return answer.status === 401
    ? redirect(307, `/login?returnUrl=${encodeURIComponent(call.path)}`)
    : text(answer.status, answer.body.toString('utf8'))
}

function decide({ world, tokens, signer }: CivitaiOptions, call: Call, versionId: string): Answer {
  if (!/^\d+$/.test(versionId)) return json(400, { error: 'Invalid modelVersionId' })
  const found = world.findVersion(Number(versionId))
  if (!found) return json(404, { error: 'File not found' }, { 'cache-control': 'private, no-store' })
  const { model, version } = found
  const token = bearer(call) ?? call.query.get('token') ?? ''
  if (model.mode) return refusal('archived', 'civitai')
  if (model.access.disabled) {
    return json(401, { error: 'Unauthorized', message: 'The creator of this asset has disabled downloads' })
  }
  if (version.earlyAccessEndsAt && Date.parse(version.earlyAccessEndsAt) > Date.now()) {
    return json(403, { error: 'Early Access', deadline: version.earlyAccessEndsAt, message: 'Pay or wait' })
  }
  if (model.access.login && !tokens.has(token)) return refusal('login', 'civitai')
  const file = chosenFile(version, call.query)
  const bytes = file && world.bytes.get(file.id)
  if (!file || !bytes) return json(404, { error: 'File not found' })
  const location = signer.sign({
    path: `/model/${model.id}/${file.id}`,
    bytes,
    etag: `md5-${file.id}`,
    filename: servedName(model, version, file),
  })
  return redirect(307, location, { 'cache-control': 'no-store' })
}

/** None when what is asked for does not fit the file it leads to. */
function chosenFile({ files }: CivitaiVersion, query: URLSearchParams): CivitaiFile | undefined {
  const wanted = ['type', 'format', 'size', 'fp', 'quantType', 'fileId'].flatMap((name) => {
    const value = query.get(name)
    return value === null ? [] : [[name, value] as const]
  })
  if (wanted.length === 0) return files.find(({ primary }) => primary) ?? files[0]
  return files.find((file) =>
    wanted.every(([name, value]) => {
      if (name === 'fileId') return String(file.id) === value
      if (name === 'type') return file.type === value
      return (file.metadata as Record<string, unknown>)[name] === value
    }),
  )
}

/** Not what `files[].name` says: only LoRAs and VAEs keep their names. */
export function servedName(model: CivitaiModel, version: CivitaiVersion, file: CivitaiFile): string {
  if (file.overrideName) return file.overrideName
  if (['LORA', 'LoCon', 'DoRA', 'VAE'].includes(model.type) || file.type === 'VAE') return file.name
  const ending = file.name.split('.').at(-1)!
  const clean = (value: string) => value.replaceAll(/[^A-Za-z0-9]/g, '')
  if (model.type === 'TextualInversion' && version.trainedWords[0])
    return `${version.trainedWords[0]}.${ending}`
  return `${clean(model.name)}_${clean(version.name)}${file.type === 'Config' ? '_cfg' : ''}.${ending}`
}
