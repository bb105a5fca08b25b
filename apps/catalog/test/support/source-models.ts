import { noStats, open } from '../../src/sources/source-model.ts'
import type { SourceFile, SourceModel, SourceVersion } from '../../src/sources/source-model.ts'

export function aModel(changes: Partial<SourceModel> = {}): SourceModel {
  return {
    source: 'civitai',
    id: '1',
    name: 'Castle Style',
    type: 'lora',
    sourceType: 'LORA',
    creator: { name: 'mason', image: null },
    description: 'Towers and walls',
    descriptionMarkdown: 'Towers and walls',
    tags: ['building'],
    nsfwLevel: 1,
    licence: {
      id: null,
      name: null,
      url: null,
      commercialUse: ['image'],
      derivatives: true,
      credit: true,
      sameLicence: null,
      gate: open,
    },
    stats: { ...noStats, downloads: 10, likes: 1 },
    publishedAt: '2025-01-01T00:00:00.000Z',
    updatedAt: '2025-01-01T00:00:00.000Z',
    pageUrl: 'https://example.org/models/1',
    mode: null,
    versions: [aVersion()],
    derivedFrom: [],
    task: null,
    library: null,
    raw: { id: 1 },
    ...changes,
  }
}

export function aVersion(changes: Partial<SourceVersion> = {}): SourceVersion {
  return {
    id: '11',
    name: 'v1',
    baseModel: 'SDXL 1.0',
    description: null,
    trainedWords: ['castle', 'keep'],
    publishedAt: '2025-01-01T00:00:00.000Z',
    air: null,
    downloadUrl: 'https://example.org/download/11',
    stats: noStats,
    nsfwLevel: 1,
    gate: open,
    files: [aFile()],
    images: [],
    ...changes,
  }
}

export function aFile(changes: Partial<SourceFile> = {}): SourceFile {
  return {
    id: '111',
    name: 'castle.safetensors',
    role: 'Model',
    format: 'safetensors',
    precision: 'fp16',
    quant: null,
    size: null,
    bytes: 1_000,
    bytesExact: true,
    sha256: 'a'.repeat(64),
    autoV1: null,
    autoV2: 'a'.repeat(10),
    autoV3: null,
    crc32: null,
    blake3: null,
    scans: { pickle: null, pickleText: null, virus: null, virusText: null, scannedAt: null },
    primary: true,
    downloadUrl: 'https://example.org/download/11',
    ...changes,
  }
}
