/** An asset with its media, as `assetColumns` selects it. */
export type AssetRow = {
  id: string
  seq: string
  spaceId: string
  createdBy: string
  blob: string
  kind: string
  origin: string
  filename: string | null
  text: string | null
  jobId: string | null
  outputIndex: number | null
  workflowId: string | null
  sessionId: string | null
  prompt: string | null
  negativePrompt: string | null
  models: string[]
  loras: string[]
  sampler: string | null
  scheduler: string | null
  seed: string | null
  steps: number | null
  cfg: number | null
  tags: string[]
  notes: string | null
  rating: number
  favorite: boolean
  createdAt: Date
  updatedAt: Date
  bytes: string
  mime: string
  width: number | null
  height: number | null
  durationSeconds: number | null
  hasAudio: boolean | null
  thumbnail: string
}

/** Of `asset a join media m`. */
export const assetColumns = `
  a.id, a.seq, a.space_id as "spaceId", a.created_by as "createdBy", a.blob, a.kind, a.origin, a.filename,
  a.text, a.job_id as "jobId", a.output_index as "outputIndex", a.workflow_id as "workflowId",
  a.session_id as "sessionId", a.prompt, a.negative_prompt as "negativePrompt", a.models, a.loras, a.sampler,
  a.scheduler, a.seed, a.steps, a.cfg, a.tags, a.notes, a.rating, a.favorite, a.created_at as "createdAt",
  a.updated_at as "updatedAt", m.bytes, m.mime, m.width, m.height, m.duration_seconds as "durationSeconds",
  m.has_audio as "hasAudio", m.state as thumbnail`

/** An asset to be, and what is known of its bytes. Its time and its place come from the database. */
export type NewAsset = Omit<
  AssetRow,
  'seq' | 'createdAt' | 'updatedAt' | 'notes' | 'rating' | 'favorite' | 'bytes'
> & { bytes: number; graph: string | null; metadata: string | null }

type Searchable = Pick<AssetRow, 'prompt' | 'notes' | 'filename' | 'tags'>

/** What `q` looks through. */
export function searchText({ prompt, notes, filename, tags }: Searchable): string {
  return [prompt, notes, filename, ...tags].filter(Boolean).join('\n').toLowerCase()
}

/** The words of a query, as `search` holds them. */
export function searchWords(query: string): string[] {
  return query.toLowerCase().split(/\s+/).filter(Boolean).slice(0, 10)
}

/** Postgres takes neither NUL nor half characters. */
export function storable(text: string): string {
  return text.replaceAll('\0', '').toWellFormed()
}
