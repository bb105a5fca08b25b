import type { Fields } from '../lenient.ts'
import type { ScanResult, SourceFile } from '../source-model.ts'

const formats: Readonly<Record<string, SourceFile['format']>> = {
  safetensor: 'safetensors',
  safetensors: 'safetensors',
  pickletensor: 'pickle',
  gguf: 'gguf',
  diffusers: 'diffusers',
  onnx: 'onnx',
  'core ml': 'core-ml',
}
const results: readonly string[] = ['pending', 'success', 'danger', 'error']

export type FilePlace = { readonly baseUrl: string; readonly versionId: string }

/** Undefined for what cannot be named or fetched. */
export function fileOf(fields: Fields, place: FilePlace): SourceFile | undefined {
  const name = fields.text('overrideName') ?? fields.text('name')
  const id = fields.id('id') ?? name
  if (name === null || id === null) return undefined
  const sizeKB = fields.number('sizeKB')
  const metadata = fields.object('metadata')
  const hashes = fields.object('hashes')
  const hash = (kind: string, pattern: RegExp) => hashOf(hashes?.text(kind) ?? null, pattern)
  const sha256 = hash('SHA256', /^[0-9a-f]{64}$/)
  const primary = fields.get('primary') === true
  const bytes = sizeKB === null || sizeKB < 0 ? null : sizeKB * 1024
  return {
    id,
    name,
    role: fields.text('type'),
    format: formatOf(metadata?.text('format') ?? null, name),
    precision: known(metadata?.text('fp') ?? null),
    quant: known(metadata?.text('quantType') ?? null),
    size: known(metadata?.text('size') ?? null),
    bytes: bytes === null ? null : Math.round(bytes),
    // A whole number of bytes has come through the division; digits that were cut off have not.
    bytesExact: bytes !== null && Number.isInteger(bytes),
    sha256,
    autoV1: hash('AutoV1', /^[0-9a-f]{8}$/),
    autoV2: hash('AutoV2', /^[0-9a-f]{10}$/) ?? sha256?.slice(0, 10) ?? null,
    // 2023's answers hold all 64 digits.
    autoV3: hash('AutoV3', /^[0-9a-f]{12,64}$/)?.slice(0, 12) ?? null,
    crc32: hash('CRC32', /^[0-9a-f]{8}$/),
    blake3: hash('BLAKE3', /^[0-9a-f]{64}$/),
    scans: {
      pickle: resultOf(fields.text('pickleScanResult')),
      pickleText: fields.text('pickleScanMessage'),
      virus: resultOf(fields.text('virusScanResult')),
      virusText: fields.text('virusScanMessage'),
      scannedAt: fields.moment('scannedAt'),
    },
    primary,
    downloadUrl: downloadUrlOf(fields.text('downloadUrl'), place),
  }
}

/** At the address that is configured, whatever host the answer names. */
function downloadUrlOf(told: string | null, { baseUrl, versionId }: FilePlace): string {
  const url = told === null ? null : URL.parse(told)
  const path = url?.pathname ?? ''
  const own = `${baseUrl}/api/download/models/`
  return url && /^\/api\/download\/models\/\d+$/.test(path)
    ? `${baseUrl}${path}${withoutToken(url)}`
    : `${own}${versionId}`
}

function withoutToken(url: URL): string {
  url.searchParams.delete('token')
  return url.search
}

function formatOf(told: string | null, name: string): SourceFile['format'] {
  const known = formats[told?.toLowerCase() ?? '']
  if (known) return known
  if (/\.(safetensors|sft)$/i.test(name)) return 'safetensors'
  if (/\.gguf$/i.test(name)) return 'gguf'
  return /\.(ckpt|pt|pth|bin)$/i.test(name) ? 'pickle' : 'other'
}

function hashOf(told: string | null, pattern: RegExp): string | null {
  const hash = told?.toLowerCase() ?? ''
  return pattern.test(hash) ? hash : null
}

function resultOf(told: string | null): ScanResult | null {
  const result = told?.toLowerCase() ?? ''
  return results.includes(result) ? (result as ScanResult) : null
}

const known = (value: string | null): string | null => (value === null || value === 'None' ? null : value)
