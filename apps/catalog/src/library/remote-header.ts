import type { HeaderView } from '@easel/contracts'
import type { GuardedHttp } from '@easel/http'
import { AppError } from '@easel/protocol'
import { rangeSource, readGgufHeader, readHeader, trainerFacts } from '@easel/safetensors'
import type { FetchRange } from '@easel/safetensors'
import { familyOf } from '../families/family-of.ts'
import { typeOfTensors } from '../scan/file-type.ts'
import { boundedMetadata } from '../scan/storable.ts'

const tensorsLookedAt = 20_000
const totalMs = 20_000

/** Reads the header of a model elsewhere by asking for its first bytes. */
export async function readRemoteHeader(http: GuardedHttp, url: string): Promise<HeaderView> {
  let totalBytes = 0
  const source = rangeSource(url, async (address, range) => {
    const answer = await fetchRange(http)(address, range)
    totalBytes = answer.totalBytes
    return answer
  })
  const { bytes } = await source.head(4)
  const isGguf = Buffer.from(bytes).toString('latin1') === 'GGUF'
  const options = { maxTensors: tensorsLookedAt }
  const header = isGguf ? await readGgufHeader(source, options) : await readHeader(source, options)
  const facts = trainerFacts(header.metadata)
  const name = fileNameIn(url)
  const { architecture = facts.architecture, quantization } = 'version' in header ? header : {}
  const trainer = [facts.baseModel, architecture, header.metadata.ss_sd_model_name]
  return {
    format: isGguf ? 'gguf' : 'safetensors',
    bytes: totalBytes,
    headerBytes: header.headerBytes,
    tensorCount: header.tensorCount,
    parameterCount: header.parameterCount,
    dtypes: { ...header.dtypes },
    architecture: architecture ?? null,
    quantization: quantization ?? null,
    family: familyOf({ trainer, names: [name], tensors: header.tensors })?.id ?? null,
    type: typeOfTensors(header.tensors),
    triggerWords: facts.triggerWords,
    metadata: boundedMetadata(header.metadata),
  }
}

const fetchRange =
  (http: GuardedHttp): FetchRange =>
  async (url, { start, end, signal }) => {
    const answer = await http.request({
      url,
      headers: { range: `bytes=${start}-${end}` },
      maxBytes: end - start + 1,
      totalMs,
      ...(signal && { signal }),
    })
    const [, from, total] = /^bytes (\d+)-\d+\/(\d+)$/.exec(String(answer.headers['content-range'])) ?? []
    if (answer.status !== 206 || Number(from) !== start || total === undefined) {
      answer.body.destroy()
      throw notInParts(answer.status)
    }
    const chunks: Buffer[] = []
    for await (const chunk of answer.body) chunks.push(chunk as Buffer)
    return { bytes: Buffer.concat(chunks), totalBytes: Number(total) }
  }

function notInParts(status: number): AppError {
  return status === 200 || status === 206
    ? new AppError('unavailable', 'The server does not give parts of this file', {
        reason: 'RANGES_UNSUPPORTED',
      })
    : new AppError('unavailable', `The server answered ${status}`, {
        reason: 'URL_UNREACHABLE',
        details: { status },
      })
}

function fileNameIn(url: string): string {
  const path = URL.canParse(url) ? new URL(url).pathname : ''
  return path.slice(path.lastIndexOf('/') + 1)
}
