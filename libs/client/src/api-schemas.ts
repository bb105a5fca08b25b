// oxlint-disable eslint/max-lines -- written by tools/openapi.ts from openapi.json

export type Problem = {
  type: string
  title: string
  status: number
  code: string
  detail: string
  errors?: Array<{ path: string; message: string }>
  details?: Record<string, unknown>
  traceId?: string
}

export type LogIn = { email: string; password: string }

export type Me = {
  id: string
  email: string
  name: string
  role: 'admin' | 'member' | 'viewer'
  personalSpaceId: string
  maxNsfw: 'pg' | 'pg13' | 'r' | 'x' | 'xxx'
  spaces: Array<SpaceMembership>
  scopes: Array<
    'jobs:read' | 'jobs:write' | 'assets:read' | 'assets:write' | 'models:read' | 'models:write' | 'admin'
  >
}

export type SpaceMembership = { id: string; slug: string; role: 'owner' | 'editor' | 'viewer' }

export type UpdateMe = {
  name?: string | null
  maxNsfw?: 'pg' | 'pg13' | 'r' | 'x' | 'xxx' | null
  password?: string | null
  oldPassword?: string | null
}

export type LogInList = { items: Array<LogInView> }

export type LogInView = {
  id: string
  createdAt: string
  address: string
  userAgent: string
  current: boolean
}

export type KeyPage = { items: Array<KeyView>; nextCursor?: string | null }

export type KeyView = {
  id: string
  name: string
  hint: string
  scopes: Array<
    'jobs:read' | 'jobs:write' | 'assets:read' | 'assets:write' | 'models:read' | 'models:write' | 'admin'
  >
  createdAt: string
  lastUsedAt?: string | null
  expiresAt?: string | null
  revokedAt?: string | null
}

export type CreateKey = {
  name: string
  scopes?: Array<
    'jobs:read' | 'jobs:write' | 'assets:read' | 'assets:write' | 'models:read' | 'models:write' | 'admin'
  > | null
  expiresAt?: string | null
}

export type NewKey = {
  key: string
  id: string
  name: string
  hint: string
  scopes: Array<
    'jobs:read' | 'jobs:write' | 'assets:read' | 'assets:write' | 'models:read' | 'models:write' | 'admin'
  >
  createdAt: string
  lastUsedAt?: string | null
  expiresAt?: string | null
  revokedAt?: string | null
}

export type UserPage = { items: Array<UserView>; nextCursor?: string | null }

export type UserView = {
  id: string
  email: string
  name: string
  role: 'admin' | 'member' | 'viewer'
  personalSpaceId: string
  disabled: boolean
  createdAt: string
}

export type CreateUser = {
  email: string
  name?: string | null
  role?: 'admin' | 'member' | 'viewer' | null
  password: string
}

export type UpdateUser = {
  name?: string | null
  role?: 'admin' | 'member' | 'viewer' | null
  password?: string | null
  disabled?: boolean | null
}

export type AuditPage = { items: Array<AuditView>; nextCursor?: string | null }

export type AuditView = {
  id: string
  at: string
  userId?: string | null
  action: string
  target?: string | null
  address?: string | null
  details: Record<string, unknown>
}

export type SpacePage = { items: Array<SpaceView>; nextCursor?: string | null }

export type SpaceView = {
  id: string
  slug: string
  name: string
  personal: boolean
  role?: 'owner' | 'editor' | 'viewer' | null
  createdAt: string
}

export type CreateSpace = { name: string; slug?: string | null }

export type UpdateSpace = { name: string }

export type MemberPage = { items: Array<MemberView>; nextCursor?: string | null }

export type MemberView = {
  userId: string
  email: string
  name: string
  role: 'owner' | 'editor' | 'viewer'
  createdAt: string
}

export type AddMember = { userId?: string | null; email?: string | null; role: 'owner' | 'editor' | 'viewer' }

export type UpdateMember = { role: 'owner' | 'editor' | 'viewer' }

export type LimitsView = {
  scope: 'space' | 'user' | 'any-space' | 'any-user'
  id?: string | null
  limits: Limits
  effective: Limits
  updatedAt?: string | null
}

export type Limits = {
  weight?: number | null
  maxRunning?: number | null
  maxOpen?: number | null
  gpuSecondsPerDay?: number | null
  gpuSecondsPerMonth?: number | null
  costMicrosPerDay?: number | null
  costMicrosPerMonth?: number | null
  allowedModels?: Array<string> | null
  deniedNodes?: Array<string> | null
}

export type UsageReport = {
  scope: 'space' | 'user' | 'any-space' | 'any-user'
  id: string
  totals: Array<UsageTotal>
  running: number
  open: number
  limits: Limits
}

export type UsageTotal = {
  period: 'day' | 'month'
  startsOn: string
  gpuSeconds: number
  costMicros: number
  reservedGpuSeconds: number
  reservedCostMicros: number
  jobs: number
  gpuSecondsLimit?: number | null
  costMicrosLimit?: number | null
  endsAt: string
}

export type SubmitJob = {
  spaceId?: string | null
  kind?: 'workflow' | null
  workflow?: Record<string, unknown> | null
  workflowId?: string | null
  version?: number | null
  overrides?: Record<string, unknown> | null
  inputs?: Record<string, unknown> | null
  extra?: Record<string, unknown> | null
  missingModels?: 'refuse' | 'wait' | 'fetch' | null
  priority?: 'interactive' | 'normal' | 'bulk' | null
  rank?: number | null
  sessionId?: string | null
  name?: string | null
  pool?: string | null
  labels?: Array<string> | null
  environment?: string | null
  minVramBytes?: number | null
  webhookUrl?: string | null
  expiresInSeconds?: number | null
}

export type JobView = {
  id: string
  kind: 'workflow'
  name?: string | null
  status: 'queued' | 'running' | 'canceling' | 'succeeded' | 'failed' | 'canceled' | 'expired'
  phase?: 'fetching-inputs' | 'downloading-models' | 'loading-model' | 'generating' | 'saving' | null
  progress?: JobProgress | null
  position?: number | null
  etaSeconds?: number | null
  estimate?: JobEstimate | null
  priority: 'interactive' | 'normal' | 'bulk'
  rank?: number | null
  models?: Array<string> | null
  labels?: Array<string> | null
  pool: string
  outputs: Array<JobOutput>
  timings: JobTimings
  attempts: Array<AttemptView>
  error?: JobError | null
  warnings: Array<NodeError>
  usage: JobUsage
  workflowId?: string | null
  workflowVersion?: number | null
  sessionId?: string | null
  retryOf?: string | null
  spaceId: string
  createdBy: string
  createdAt: string
  startedAt?: string | null
  finishedAt?: string | null
  expiresAt?: string | null
}

export type JobProgress = {
  value: number
  node?: string | null
  nodeClass?: string | null
  step?: number | null
  steps?: number | null
}

export type JobEstimate = { gpuSeconds: number; costMicros: number }

export type JobOutput = {
  index: number
  assetId: string
  kind: 'image' | 'animation' | 'video' | 'audio' | 'text' | 'latent' | 'model3d' | 'other'
  mime: string
  node: string
  key: string
  filename?: string | null
  width?: number | null
  height?: number | null
  bytes: number
  hash: string
  text?: string | null
  temporary: boolean
  url: string
}

export type JobTimings = {
  queuedMs?: number | null
  bindMs?: number | null
  inputsMs?: number | null
  modelsMs?: number | null
  modelLoadMs?: number | null
  executeMs?: number | null
  saveMs?: number | null
  totalMs?: number | null
}

export type AttemptView = {
  number: number
  state: 'bound' | 'running' | 'succeeded' | 'failed' | 'canceled' | 'lost'
  worker: string
  boundAt: string
  startedAt?: string | null
  endedAt?: string | null
  gpuSeconds?: number | null
  warm?: boolean | null
  error?: JobError | null
}

export type JobError = {
  code: string
  message: string
  node?: string | null
  nodeClass?: string | null
  nodeErrors?: Array<NodeError> | null
  traceback?: Array<string> | null
}

export type NodeError = { path: string; message: string }

export type JobUsage = { gpuSeconds: number; costMicros: number }

export type JobPage = { items: Array<JobView>; nextCursor?: string | null }

export type JobExplanation = {
  id: string
  status: 'queued' | 'running' | 'canceling' | 'succeeded' | 'failed' | 'canceled' | 'expired'
  position?: number | null
  etaSeconds?: number | null
  reasons: Array<WaitingReason>
}

export type WaitingReason = { code: string; message: string; workers?: Array<string> | null }

export type JobGraph = {
  graph: Record<string, unknown>
  inputs?: Record<string, unknown> | null
  overrides?: unknown
}

export type CreateWorkflow = {
  spaceId?: string | null
  name: string
  description?: string | null
  graph: Record<string, unknown>
}

export type WorkflowView = {
  id: string
  name: string
  description?: string | null
  version: number
  graph?: Record<string, unknown> | null
  spaceId: string
  createdBy: string
  createdAt: string
  updatedAt: string
}

export type WorkflowPage = { items: Array<WorkflowView>; nextCursor?: string | null }

export type InspectWorkflow = { graph: Record<string, unknown> }

export type WorkflowAnalysis = {
  format: 'api' | 'ui'
  graph?: Record<string, unknown> | null
  parameters: Array<ParameterView>
  missingNodes: Array<string>
  models: Array<string>
  faults: Array<NodeError>
  live: boolean
}

export type ParameterView = {
  key: string
  node: string
  nodeClass: string
  nodeTitle: string
  input: string
  label: string
  control: 'text' | 'multiline' | 'integer' | 'float' | 'seed' | 'boolean' | 'select' | 'image' | 'file'
  role?: string | null
  value: unknown
  default: unknown
  choices: unknown
  min: unknown
  max: unknown
  step: unknown
  help?: string | null
}

export type UpdateWorkflow = {
  name?: string | null
  description?: string | null
  graph?: Record<string, unknown> | null
}

export type WorkflowVersions = { items: Array<WorkflowVersion> }

export type WorkflowVersion = { version: number; createdBy: string; createdAt: string }

export type AssetPage = { items: Array<AssetView>; nextCursor?: string | null }

export type AssetView = {
  id: string
  kind: 'image' | 'animation' | 'video' | 'audio' | 'text' | 'latent' | 'model3d' | 'other'
  origin: 'job' | 'upload'
  mime: string
  filename?: string | null
  width?: number | null
  height?: number | null
  durationSeconds?: number | null
  hasAudio?: boolean | null
  bytes: number
  hash: string
  url: string
  thumbnailUrl?: string | null
  thumbnail: 'pending' | 'ready' | 'none' | 'failed'
  text?: string | null
  jobId?: string | null
  outputIndex?: number | null
  workflowId?: string | null
  sessionId?: string | null
  prompt?: string | null
  negativePrompt?: string | null
  models: Array<string>
  loras: Array<string>
  sampler?: string | null
  scheduler?: string | null
  seed?: string | null
  steps?: number | null
  cfg?: number | null
  tags: Array<string>
  notes?: string | null
  rating: number
  favorite: boolean
  spaceId: string
  createdBy: string
  createdAt: string
  updatedAt: string
}

export type AssetStats = { total: number; bytes: number; models: Array<ModelCount> }

export type ModelCount = { model: string; count: number }

export type AssetDetail = {
  graph?: Record<string, unknown> | null
  workflow?: Record<string, unknown> | null
  metadata?: Record<string, unknown> | null
  id: string
  kind: 'image' | 'animation' | 'video' | 'audio' | 'text' | 'latent' | 'model3d' | 'other'
  origin: 'job' | 'upload'
  mime: string
  filename?: string | null
  width?: number | null
  height?: number | null
  durationSeconds?: number | null
  hasAudio?: boolean | null
  bytes: number
  hash: string
  url: string
  thumbnailUrl?: string | null
  thumbnail: 'pending' | 'ready' | 'none' | 'failed'
  text?: string | null
  jobId?: string | null
  outputIndex?: number | null
  workflowId?: string | null
  sessionId?: string | null
  prompt?: string | null
  negativePrompt?: string | null
  models: Array<string>
  loras: Array<string>
  sampler?: string | null
  scheduler?: string | null
  seed?: string | null
  steps?: number | null
  cfg?: number | null
  tags: Array<string>
  notes?: string | null
  rating: number
  favorite: boolean
  spaceId: string
  createdBy: string
  createdAt: string
  updatedAt: string
}

export type UpdateAsset = {
  tags?: Array<string> | null
  notes?: string | null
  rating?: number | null
  favorite?: boolean | null
  sessionId?: string | null
}

export type CreateSession = {
  spaceId?: string | null
  kind?: 'image' | 'video' | 'bulk' | 'workflow' | null
  title?: string | null
  draft?: Record<string, unknown> | null
}

export type SessionView = {
  id: string
  kind: 'image' | 'video' | 'bulk' | 'workflow'
  title: string
  draft?: Record<string, unknown> | null
  revision: number
  assetCount: number
  thumbnailUrl?: string | null
  spaceId: string
  createdBy: string
  createdAt: string
  updatedAt: string
}

export type SessionPage = { items: Array<SessionView>; nextCursor?: string | null }

export type UpdateSession = { title?: string | null; draft?: Record<string, unknown> | null }

export type SearchPage = {
  items: Array<ModelCard>
  nextCursor?: string | null
  sources: Array<SourceOutcome>
  facets?: Facets | null
  didYouMean?: string | null
}

export type ModelCard = {
  source: 'civitai' | 'huggingface' | 'local'
  id: string
  name: string
  type:
    | 'checkpoint'
    | 'diffusion-model'
    | 'lora'
    | 'locon'
    | 'dora'
    | 'embedding'
    | 'vae'
    | 'text-encoder'
    | 'clip-vision'
    | 'controlnet'
    | 'upscaler'
    | 'motion-module'
    | 'hypernetwork'
    | 'detection'
    | 'workflow'
    | 'wildcards'
    | 'poses'
    | 'other'
  family?: string | null
  baseModel?: string | null
  creator?: string | null
  tags: Array<string>
  nsfw: 'pg' | 'pg13' | 'r' | 'x' | 'xxx'
  image?: ExampleView | null
  downloads: number
  likes: number
  bytes?: number | null
  gate: 'open' | 'terms' | 'approval' | 'early-access'
  commercialUse?: boolean | null
  installed: Installed
  updateAvailable: boolean
  favorite: boolean
  publishedAt?: string | null
  updatedAt?: string | null
}

export type ExampleView = {
  kind: 'image' | 'video'
  url: string
  width?: number | null
  height?: number | null
  blurhash?: string | null
  nsfw: 'pg' | 'pg13' | 'r' | 'x' | 'xxx'
  prompt?: string | null
  negative?: string | null
  meta?: Record<string, unknown> | null
}

export type Installed = { state: 'none' | 'partial' | 'installed'; fileIds: Array<string> }

export type SourceOutcome = {
  source: 'civitai' | 'huggingface' | 'local'
  state: 'asked' | 'cached' | 'failed'
  code?: string | null
  message?: string | null
  retryAt?: string | null
}

export type Facets = {
  type: Array<FacetValue>
  family: Array<FacetValue>
  source: Array<FacetValue>
  exact?: boolean | null
}

export type FacetValue = { value: string; count: number }

export type Suggestions = { items: Array<string> }

export type HashMatch = { model: ModelCard; version: VersionView; fileId: string }

export type VersionView = {
  id: string
  name: string
  family?: string | null
  baseModel?: string | null
  description?: string | null
  triggerWords: Array<string>
  gate: 'open' | 'terms' | 'approval' | 'early-access'
  earlyAccessUntil?: string | null
  publishedAt?: string | null
  downloads?: number | null
  installed: Installed
  files: Array<ModelFileView>
  images: Array<ExampleView>
  hiddenImages: number
}

export type ModelFileView = {
  id: string
  name: string
  role?: string | null
  folder?: string | null
  format?: string | null
  precision?: string | null
  bytes?: number | null
  sha256?: string | null
  autoV2?: string | null
  autoV3?: string | null
  primary: boolean
  unsafe: boolean
  pickleScan?: string | null
  virusScan?: string | null
  libraryFileId?: string | null
}

export type SyncView = { everyMs: number; sources: Array<SourceSyncView> }

export type SourceSyncView = {
  source: 'civitai' | 'huggingface'
  state: 'idle' | 'running' | 'waiting'
  models: number
  changed: number
  problem?: string | null
  startedAt?: string | null
  finishedAt?: string | null
}

export type ModelView = {
  description?: string | null
  licence: LicenceView
  approvalUrl?: string | null
  url?: string | null
  versions: Array<VersionView>
  syncedAt?: string | null
  stale: boolean
  source: 'civitai' | 'huggingface' | 'local'
  id: string
  name: string
  type:
    | 'checkpoint'
    | 'diffusion-model'
    | 'lora'
    | 'locon'
    | 'dora'
    | 'embedding'
    | 'vae'
    | 'text-encoder'
    | 'clip-vision'
    | 'controlnet'
    | 'upscaler'
    | 'motion-module'
    | 'hypernetwork'
    | 'detection'
    | 'workflow'
    | 'wildcards'
    | 'poses'
    | 'other'
  family?: string | null
  baseModel?: string | null
  creator?: string | null
  tags: Array<string>
  nsfw: 'pg' | 'pg13' | 'r' | 'x' | 'xxx'
  image?: ExampleView | null
  downloads: number
  likes: number
  bytes?: number | null
  gate: 'open' | 'terms' | 'approval' | 'early-access'
  commercialUse?: boolean | null
  installed: Installed
  updateAvailable: boolean
  favorite: boolean
  publishedAt?: string | null
  updatedAt?: string | null
}

export type LicenceView = {
  id?: string | null
  name?: string | null
  terms: Array<string>
  commercialUse?: boolean | null
  creditRequired?: boolean | null
  derivatives?: boolean | null
  url?: string | null
}

export type CheckNeeds = { workflow: Record<string, unknown>; offline?: boolean | null }

export type NeedsView = {
  files: Array<NeedView>
  complete: boolean
  fetchable: boolean
  missingBytes: number
}

export type NeedView = {
  name: string
  nodes: Array<string>
  folder?: string | null
  state: 'present' | 'downloading' | 'available' | 'ambiguous' | 'gated' | 'unknown'
  fileId?: string | null
  path?: string | null
  sha256?: string | null
  bytes?: number | null
  sources: Array<NeedSource>
  similar: Array<string>
  progress?: number | null
  problem?: string | null
}

export type NeedSource = {
  wish: ModelWish
  file: ResolvedFile
  foundBy: 'hash' | 'workflow' | 'bundle' | 'name'
  licence?: LicenceView | null
}

export type ModelWish = {
  source: 'civitai' | 'huggingface' | 'hash' | 'reference' | 'bundle'
  folder?:
    | 'checkpoints'
    | 'loras'
    | 'vae'
    | 'diffusion_models'
    | 'text_encoders'
    | 'clip_vision'
    | 'controlnet'
    | 'embeddings'
    | 'upscale_models'
    | 'hypernetworks'
    | 'style_models'
    | 'gligen'
    | 'vae_approx'
    | 'model_patches'
    | 'audio_encoders'
    | 'other'
    | null
  filename?: string | null
  modelId?: string | null
  versionId?: string | null
  fileId?: string | null
  hash?: string | null
  repo?: string | null
  revision?: string | null
  path?: string | null
  patterns?: Array<string> | null
  reference?: string | null
  bundleId?: string | null
  variant?: string | null
}

export type ResolvedFile = {
  urls: Array<string>
  token?: 'civitai' | 'huggingface' | null
  folder: string
  filename: string
  bytes?: number | null
  sha256?: string | null
  gate: 'open' | 'terms' | 'approval' | 'early-access'
  approvalUrl?: string | null
  title?: string | null
  source?: string | null
  modelId?: string | null
  versionId?: string | null
  libraryPath?: string | null
}

export type FetchNeeds = {
  spaceId?: string | null
  names?: Array<string> | null
  priority?: number | null
  workflow: Record<string, unknown>
  offline?: boolean | null
}

export type FetchedNeeds = { needs: NeedsView; download?: DownloadView | null; unfetched: Array<string> }

export type DownloadView = {
  id: string
  title?: string | null
  files?: Array<DownloadFileView> | null
  modelId?: string | null
  versionId?: string | null
  source: 'url' | 'civitai' | 'huggingface' | 'hash' | 'reference' | 'bundle' | 'files'
  url: string
  status: 'queued' | 'running' | 'verifying' | 'paused' | 'completed' | 'failed' | 'canceled'
  folder: string
  filename?: string | null
  bytesTotal?: number | null
  bytesDone: number
  bytesPerSecond?: number | null
  etaSeconds?: number | null
  sha256?: string | null
  verification: 'pending' | 'verified' | 'unverified' | 'mismatch'
  attempts: number
  priority: number
  error?: DownloadError | null
  transferId?: string | null
  spaceId: string
  createdBy: string
  createdAt: string
  finishedAt?: string | null
}

export type DownloadFileView = {
  transferId: string
  status: 'queued' | 'running' | 'verifying' | 'paused' | 'completed' | 'failed' | 'canceled'
  folder: string
  filename?: string | null
  bytesDone: number
  bytesTotal?: number | null
  sha256?: string | null
  verification: 'pending' | 'verified' | 'unverified' | 'mismatch'
  reused: boolean
  error?: DownloadError | null
}

export type DownloadError = { code: string; message: string }

export type FavoritePage = { items: Array<ModelCard>; nextCursor?: string | null }

export type UpdatePage = { items: Array<UpdateView>; nextCursor?: string | null }

export type UpdateView = {
  model: ModelCard
  installedVersionId: string
  installedVersionName: string
  newest: VersionView
  foundAt: string
}

export type DismissUpdate = { source: 'civitai' | 'huggingface'; modelId: string; versionId: string }

export type LibraryFilePage = { items: Array<LibraryFileView>; nextCursor?: string | null }

export type LibraryFileView = {
  id: string
  name: string
  path: string
  folder: string
  format: 'safetensors' | 'gguf' | 'pickle' | 'other'
  state: 'hashing' | 'ready' | 'refused'
  problem?: string | null
  unsafe: boolean
  bytes: number
  modifiedAt: string
  sha256?: string | null
  autoV2?: string | null
  autoV3?: string | null
  baseModel?: string | null
  title?: string | null
  triggerWords: Array<string>
  tensorCount?: number | null
  parameterCount?: number | null
  dtypes: Array<string>
  metadata?: Record<string, unknown> | null
  indexedAt: string
  root?: string | null
  family?: string | null
  type?:
    | 'checkpoint'
    | 'diffusion-model'
    | 'lora'
    | 'locon'
    | 'dora'
    | 'embedding'
    | 'vae'
    | 'text-encoder'
    | 'clip-vision'
    | 'controlnet'
    | 'upscaler'
    | 'motion-module'
    | 'hypernetwork'
    | 'detection'
    | 'workflow'
    | 'wildcards'
    | 'poses'
    | 'other'
    | null
  precision?: string | null
  noise?: 'high' | 'low' | null
  modelSource?: 'civitai' | 'huggingface' | 'local' | null
  modelId?: string | null
  versionId?: string | null
  linkedAt?: string | null
  description?: string | null
  notes?: string | null
  preferredWeight?: number | null
  preview?: string | null
  aliases?: Array<string> | null
  variantIds?: Array<string> | null
  bytesTogether?: number | null
}

export type ScanLibrary = { path?: string | null }

export type ScanView = {
  state: 'idle' | 'scanning'
  found: number
  hashed: number
  unchanged: number
  removed: number
  failed: number
  bytesHashed: number
  bytesToHash: number
  startedAt?: string | null
  finishedAt?: string | null
}

export type LibraryStats = {
  files: number
  bytes: number
  hashed: number
  unsafe: number
  refused: number
  folders: Array<FolderCount>
  scan: ScanView
  linked?: number | null
  duplicates?: number | null
  duplicateBytes?: number | null
  misplaced?: number | null
  failedSidecars?: number | null
  roots?: Array<RootCount> | null
  families?: Array<GroupCount> | null
  formats?: Array<GroupCount> | null
  types?: Array<GroupCount> | null
  external?: ExternalCount | null
}

export type FolderCount = { folder: string; files: number; bytes: number }

export type RootCount = { root: string; present: boolean; files: number; bytes: number }

export type GroupCount = { id: string; files: number; bytes: number }

export type ExternalCount = { models: number; hashed: number; skipped: number }

export type DuplicatePage = { items: Array<DuplicateView>; nextCursor?: string | null }

export type DuplicateView = {
  sha256: string
  name: string
  bytes: number
  wastedBytes: number
  copies: Array<DuplicateCopy>
}

export type DuplicateCopy = {
  id: string
  root: string
  path: string
  links: Array<string>
  modifiedAt: string
}

export type MisplacedPage = { items: Array<MisplacedFile>; nextCursor?: string | null }

export type MisplacedFile = {
  file: LibraryFileView
  type:
    | 'checkpoint'
    | 'diffusion-model'
    | 'lora'
    | 'locon'
    | 'dora'
    | 'embedding'
    | 'vae'
    | 'text-encoder'
    | 'clip-vision'
    | 'controlnet'
    | 'upscaler'
    | 'motion-module'
    | 'hypernetwork'
    | 'detection'
    | 'workflow'
    | 'wildcards'
    | 'poses'
    | 'other'
  belongsIn:
    | 'checkpoints'
    | 'loras'
    | 'vae'
    | 'diffusion_models'
    | 'text_encoders'
    | 'clip_vision'
    | 'controlnet'
    | 'embeddings'
    | 'upscale_models'
    | 'hypernetworks'
    | 'style_models'
    | 'gligen'
    | 'vae_approx'
    | 'model_patches'
    | 'audio_encoders'
    | 'other'
  suggestedPath: string
  readOnly: boolean
}

export type MoveFile = { path?: string | null }

export type LinkFile = {
  id: string
  source?: 'civitai' | 'huggingface' | 'local' | null
  modelId?: string | null
  versionId?: string | null
}

export type WriteSidecars = { ids?: Array<string> | null; cursor?: string | null }

export type SidecarOutcomes = { written: number; items: Array<SidecarOutcome>; nextCursor?: string | null }

export type SidecarOutcome = {
  id: string
  path: string
  outcome: 'written' | 'unchanged' | 'skipped' | 'failed'
  problem?: string | null
}

export type TriggerWords = { words: Array<string>; from: 'catalogue' | 'sidecar' | 'header' | 'none' }

export type ExternalFile = {
  id: string
  foundBy: 'sha256' | 'url' | 'name'
  absolutePath: string
  name: string
  bytes: number
  sha256?: string | null
  base?: string | null
  type?: string | null
  source?: string | null
}

export type ReadRemoteHeader = { url: string }

export type HeaderView = {
  format: 'safetensors' | 'gguf'
  bytes: number
  headerBytes: number
  tensorCount: number
  parameterCount: number
  dtypes: Record<string, unknown>
  architecture?: string | null
  quantization?: string | null
  family?: string | null
  type?:
    | 'checkpoint'
    | 'diffusion-model'
    | 'lora'
    | 'locon'
    | 'dora'
    | 'embedding'
    | 'vae'
    | 'text-encoder'
    | 'clip-vision'
    | 'controlnet'
    | 'upscaler'
    | 'motion-module'
    | 'hypernetwork'
    | 'detection'
    | 'workflow'
    | 'wildcards'
    | 'poses'
    | 'other'
    | null
  triggerWords: Array<string>
  metadata: Record<string, unknown>
}

export type FamilyList = { items: Array<FamilyView> }

export type FamilyView = {
  id: string
  name: string
  kind: 'image' | 'video' | 'audio' | '3d'
  civitaiBaseModels: Array<string>
  loraFamilies: Array<string>
}

export type FolderTable = { items: Array<FolderOfType> }

export type FolderOfType = {
  type:
    | 'checkpoint'
    | 'diffusion-model'
    | 'lora'
    | 'locon'
    | 'dora'
    | 'embedding'
    | 'vae'
    | 'text-encoder'
    | 'clip-vision'
    | 'controlnet'
    | 'upscaler'
    | 'motion-module'
    | 'hypernetwork'
    | 'detection'
    | 'workflow'
    | 'wildcards'
    | 'poses'
    | 'other'
  folder: string
}

export type BundlePage = { items: Array<BundleView>; nextCursor?: string | null }

export type BundleView = {
  builtin: boolean
  bytes: number
  updatedAt: string
  id: string
  name: string
  description?: string | null
  family?: string | null
  licence?: string | null
  files: Array<BundleFile>
}

export type BundleFile = {
  folder:
    | 'checkpoints'
    | 'loras'
    | 'vae'
    | 'diffusion_models'
    | 'text_encoders'
    | 'clip_vision'
    | 'controlnet'
    | 'embeddings'
    | 'upscale_models'
    | 'hypernetworks'
    | 'style_models'
    | 'gligen'
    | 'vae_approx'
    | 'model_patches'
    | 'audio_encoders'
    | 'other'
  filename: string
  urls: Array<string>
  token?: 'civitai' | 'huggingface' | null
  bytes?: number | null
  sha256?: string | null
  choice?: string | null
  precision?: string | null
  noise?: 'high' | 'low' | null
  optional?: boolean | null
}

export type AddBundle = {
  id: string
  name: string
  description?: string | null
  family?: string | null
  licence?: string | null
  files: Array<BundleFile>
}

export type ImportManifests = { manifests: Array<Manifest>; dryRun?: boolean | null }

export type Manifest = { name: string; text: string }

export type ImportedManifests = { bundles: Array<BundleView>; refused: Array<RefusedManifest> }

export type RefusedManifest = { name: string; problem: string }

export type BundleStatus = {
  id: string
  state: 'present' | 'partial' | 'missing'
  progress: number
  bytesPresent: number
  bytesTotal: number
  files: Array<BundleFileStatus>
}

export type BundleFileStatus = {
  state: 'present' | 'downloading' | 'partial' | 'wrong' | 'missing'
  progress: number
  path?: string | null
  folder:
    | 'checkpoints'
    | 'loras'
    | 'vae'
    | 'diffusion_models'
    | 'text_encoders'
    | 'clip_vision'
    | 'controlnet'
    | 'embeddings'
    | 'upscale_models'
    | 'hypernetworks'
    | 'style_models'
    | 'gligen'
    | 'vae_approx'
    | 'model_patches'
    | 'audio_encoders'
    | 'other'
  filename: string
  urls: Array<string>
  token?: 'civitai' | 'huggingface' | null
  bytes?: number | null
  sha256?: string | null
  choice?: string | null
  precision?: string | null
  noise?: 'high' | 'low' | null
  optional?: boolean | null
}

export type PutBundle = {
  name: string
  description?: string | null
  family?: string | null
  licence?: string | null
  files: Array<BundleFile>
}

export type LoraPage = { items: Array<LoraView>; nextCursor?: string | null; for?: LoraUser | null }

export type LoraView = {
  origin: 'preset' | 'downloaded' | 'local' | 'catalogue'
  favorite: boolean
  lora: LoraReference
  title: string
  triggerWords: Array<string>
  state: 'installed' | 'downloading' | 'available' | 'unknown'
  progress?: number | null
  libraryFileId?: string | null
  fileName?: string | null
  family?: string | null
  baseModel?: string | null
  bytes?: number | null
  preferredWeight?: number | null
  image?: ExampleView | null
  gate?: 'open' | 'terms' | 'approval' | 'early-access' | null
  modelSource?: 'civitai' | 'huggingface' | 'local' | null
  modelId?: string | null
  versionId?: string | null
  url?: string | null
}

export type LoraReference = {
  source: 'library' | 'civitai' | 'huggingface' | 'bundle'
  libraryFileId?: string | null
  sha256?: string | null
  modelId?: string | null
  versionId?: string | null
  fileId?: string | null
  repo?: string | null
  revision?: string | null
  path?: string | null
  bundleId?: string | null
}

export type LoraUser = { name: string; family?: string | null; loraFamilies: Array<string> }

export type CollectionPage = { items: Array<CollectionSummary>; nextCursor?: string | null }

export type CollectionSummary = {
  id: string
  spaceId: string
  name: string
  description?: string | null
  prompt?: string | null
  tags: Array<string>
  position: number
  entryCount: number
  covers: Array<string>
  revision: number
  createdBy: string
  createdAt: string
  updatedAt: string
}

export type CreateCollection = {
  spaceId?: string | null
  name: string
  description?: string | null
  prompt?: string | null
  tags?: Array<string> | null
  position?: number | null
  entries?: Array<CollectionEntry> | null
}

export type CollectionEntry = {
  id?: string | null
  lora?: LoraReference | null
  reference?: string | null
  name?: string | null
  trigger?: string | null
  weight?: number | null
  prompt?: string | null
  notes?: string | null
  baseImages?: Array<string> | null
}

export type CollectionView = {
  entries: Array<CollectionEntryView>
  id: string
  spaceId: string
  name: string
  description?: string | null
  prompt?: string | null
  tags: Array<string>
  position: number
  entryCount: number
  covers: Array<string>
  revision: number
  createdBy: string
  createdAt: string
  updatedAt: string
}

export type CollectionEntryView = {
  id: string
  name?: string | null
  trigger?: string | null
  weight: number
  prompt?: string | null
  notes?: string | null
  baseImages: Array<BaseImage>
  lora: LoraReference
  title: string
  triggerWords: Array<string>
  state: 'installed' | 'downloading' | 'available' | 'unknown'
  progress?: number | null
  libraryFileId?: string | null
  fileName?: string | null
  family?: string | null
  baseModel?: string | null
  bytes?: number | null
  preferredWeight?: number | null
  image?: ExampleView | null
  gate?: 'open' | 'terms' | 'approval' | 'early-access' | null
  modelSource?: 'civitai' | 'huggingface' | 'local' | null
  modelId?: string | null
  versionId?: string | null
  url?: string | null
}

export type BaseImage = {
  assetId: string
  state: 'present' | 'gone' | 'unknown'
  thumbnailUrl?: string | null
}

export type ImportCollections = { spaceId?: string | null; text: string; dryRun?: boolean | null }

export type ImportedCollections = { collections: Array<ImportedCollection>; remarks: Array<ImportRemark> }

export type ImportedCollection = {
  name: string
  outcome: 'created' | 'updated' | 'unchanged'
  id?: string | null
  entryCount: number
}

export type ImportRemark = { path: string; message: string }

export type ExportedCollections = {
  loras: Record<string, unknown>
  lora_collections: Record<string, unknown>
}

export type UpdateCollection = {
  name?: string | null
  description?: string | null
  prompt?: string | null
  tags?: Array<string> | null
  position?: number | null
  entries?: Array<CollectionEntry> | null
}

export type AddToCollection = { entries: Array<CollectionEntry> }

export type FetchCollection = { priority?: number | null; entries?: Array<string> | null }

export type FetchedCollection = { download?: DownloadView | null; unfetched: Array<UnfetchedEntry> }

export type UnfetchedEntry = { entryId: string; title: string; problem: string }

export type CreateDownload = {
  id?: string | null
  spaceId?: string | null
  source?: 'url' | 'civitai' | 'huggingface' | 'hash' | 'reference' | 'bundle' | 'files' | null
  url?: string | null
  mirrors?: Array<string> | null
  files?: Array<ModelWish> | null
  folder?:
    | 'checkpoints'
    | 'loras'
    | 'vae'
    | 'diffusion_models'
    | 'text_encoders'
    | 'clip_vision'
    | 'controlnet'
    | 'embeddings'
    | 'upscale_models'
    | 'hypernetworks'
    | 'style_models'
    | 'gligen'
    | 'vae_approx'
    | 'model_patches'
    | 'audio_encoders'
    | 'other'
    | null
  filename?: string | null
  sha256?: string | null
  token?: string | null
  priority?: number | null
  modelId?: string | null
  versionId?: string | null
  fileId?: string | null
  hash?: string | null
  repo?: string | null
  revision?: string | null
  path?: string | null
  patterns?: Array<string> | null
  reference?: string | null
  bundleId?: string | null
  variant?: string | null
}

export type DownloadPage = { items: Array<DownloadView>; nextCursor?: string | null }

export type DownloadSettings = {
  maxBytesPerSecond?: number | null
  maxConcurrent: number
  maxConnectionsPerHost?: number | null
  schedule?: Array<BandwidthHours> | null
  timeZone?: string | null
  diskBudgetBytes?: number | null
}

export type BandwidthHours = {
  days: Array<number>
  from: string
  to: string
  maxBytesPerSecond?: number | null
}

export type UpdateDownloadSettings = {
  maxBytesPerSecond?: number | null
  maxConcurrent?: number | null
  maxConnectionsPerHost?: number | null
  schedule?: Array<BandwidthHours> | null
  timeZone?: string | null
  diskBudgetBytes?: number | null
}

export type SetPriority = { priority: number }

export type ActOnDownloads = {
  action: 'pause' | 'resume' | 'retry' | 'cancel'
  ids?: Array<string> | null
  spaceId?: string | null
}

export type ActedOnDownloads = { changed: Array<string>; unchanged: Array<string> }

export type HubStatus = {
  files: number
  bytes: number
  bytesLinked: number
  budgetBytes?: number | null
  freeBytes?: number | null
  bad: number
  verifiedAt?: string | null
  verifying: boolean
}

export type HubFilePage = { items: Array<HubFileView>; nextCursor?: string | null }

export type HubFileView = {
  sha256: string
  bytes: number
  paths: Array<string>
  state: 'present' | 'evicted' | 'bad' | 'lost'
  pinned: boolean
  usedAt: string
  verifiedAt?: string | null
  createdAt: string
}

export type VerifyHub = { sha256?: Array<string> | null }

export type AdoptFiles = { paths: Array<string>; dryRun?: boolean | null }

export type AdoptedFiles = { items: Array<AdoptedFile>; left?: Array<string> | null }

export type AdoptedFile = {
  path: string
  outcome: 'linked' | 'already' | 'skipped' | 'failed'
  problem?: string | null
  bytesFreed: number
}

export type TokenList = { items: Array<TokenView> }

export type TokenView = {
  source: 'civitai' | 'huggingface'
  hasToken: boolean
  hint?: string | null
  updatedAt?: string | null
}

export type PutToken = { token: string }

export type EventPage = { items: Array<EventView>; nextCursor: string }

export type EventView = {
  id?: string | null
  type: string
  time: string
  spaceId?: string | null
  data?: unknown
}

export type EventTicket = { ticket: string; expiresInSeconds: number }

export type WebhookPage = { items: Array<WebhookView>; nextCursor?: string | null }

export type WebhookView = {
  id: string
  kind: 'endpoint' | 'job-urls'
  url?: string | null
  description: string
  events: Array<string>
  enabled: boolean
  disabledAt?: string | null
  disabledReason?: string | null
  failingSince?: string | null
  previousSecretUntil?: string | null
  spaceId: string
  createdBy: string
  createdAt: string
  updatedAt: string
}

export type CreateWebhook = {
  spaceId?: string | null
  kind?: 'endpoint' | 'job-urls' | null
  url?: string | null
  description?: string | null
  events?: Array<string> | null
  enabled?: boolean | null
}

export type NewWebhook = {
  secret: string
  id: string
  kind: 'endpoint' | 'job-urls'
  url?: string | null
  description: string
  events: Array<string>
  enabled: boolean
  disabledAt?: string | null
  disabledReason?: string | null
  failingSince?: string | null
  previousSecretUntil?: string | null
  spaceId: string
  createdBy: string
  createdAt: string
  updatedAt: string
}

export type UpdateWebhook = {
  url?: string | null
  description?: string | null
  events?: Array<string> | null
  enabled?: boolean | null
}

export type DeliveryView = {
  id: string
  webhookId: string
  type: string
  subject: string
  eventId?: string | null
  url?: string | null
  status: 'pending' | 'delivered' | 'failed'
  attempts: number
  nextAttemptAt?: string | null
  lastStatus?: number | null
  lastError?: string | null
  createdAt: string
  finishedAt?: string | null
}

export type DeliveryPage = { items: Array<DeliveryView>; nextCursor?: string | null }

export type DeliveryDetails = {
  log: Array<DeliveryAttempt>
  id: string
  webhookId: string
  type: string
  subject: string
  eventId?: string | null
  url?: string | null
  status: 'pending' | 'delivered' | 'failed'
  attempts: number
  nextAttemptAt?: string | null
  lastStatus?: number | null
  lastError?: string | null
  createdAt: string
  finishedAt?: string | null
}

export type DeliveryAttempt = {
  number: number
  at: string
  durationMs: number
  status?: number | null
  error?: string | null
}

export type SystemStatus = {
  version: string
  ready: boolean
  uptimeSeconds: number
  parts: Array<PartStatus>
  pools: Array<PoolView>
  workers: Array<WorkerView>
}

export type PartStatus = {
  name: string
  ok: boolean
  ms: number
  error?: string | null
  lastOkAt?: string | null
}

export type PoolView = {
  name: string
  workers: number
  ready: number
  queued: number
  running: number
  oldestQueuedSeconds?: number | null
}

export type WorkerView = {
  id: string
  pool: string
  state: 'ready' | 'busy' | 'starting' | 'draining' | 'lost'
  simulator: boolean
  comfyVersion?: string | null
  gpu?: string | null
  vramTotal?: number | null
  vramFree?: number | null
  runSlots: number
  attempts: Array<RunningAttempt>
  labels: Array<string>
  warm?: Array<string> | null
  environment?: string | null
  costMicrosPerHour?: number | null
  version: string
  lastSeenAt: string
}

export type RunningAttempt = { jobId: string; attempt: number }

export type WorkerList = { items: Array<WorkerView> }

export type PoolList = { items: Array<PoolView> }

export type GetKeysQuery = { limit?: number; cursor?: string }

export type GetUsersQuery = { q?: string; limit?: number; cursor?: string }

export type GetAuditQuery = { userId?: string; action?: string; limit?: number; cursor?: string }

export type GetSpacesQuery = { limit?: number; cursor?: string }

export type GetSpacesIdUsageQuery = { period?: 'day' | 'month'; last?: number }

export type GetUsersIdUsageQuery = { period?: 'day' | 'month'; last?: number }

export type GetJobsQuery = {
  status?: Array<'queued' | 'running' | 'canceling' | 'succeeded' | 'failed' | 'canceled' | 'expired'>
  kind?: 'workflow'
  spaceId?: string
  sessionId?: string
  workflowId?: string
  createdBy?: string
  since?: string
  q?: string
  sort?: 'newest' | 'oldest'
  limit?: number
  cursor?: string
}

export type GetWorkflowsQuery = { spaceId?: string; q?: string; limit?: number; cursor?: string }

export type GetWorkflowsIdQuery = { version?: number }

export type GetWorkflowsIdParametersQuery = { version?: number }

export type GetAssetsQuery = {
  q?: string
  model?: string
  lora?: string
  tag?: string
  kind?: 'image' | 'animation' | 'video' | 'audio' | 'text' | 'latent' | 'model3d' | 'other'
  origin?: 'job' | 'upload'
  spaceId?: string
  sessionId?: string
  jobId?: string
  createdBy?: string
  rating?: number
  favorite?: boolean
  since?: string
  until?: string
  sort?: 'newest' | 'oldest' | 'rating'
  limit?: number
  cursor?: string
}

export type PostAssetsQuery = { filename?: string; spaceId?: string; sessionId?: string; tags?: string }

export type GetAssetsStatsQuery = { spaceId?: string }

export type GetAssetsIdContentQuery = { download?: string }

export type GetAssetsIdThumbnailQuery = { size?: 256 | 512 | 1024 }

export type GetSessionsQuery = {
  spaceId?: string
  kind?: 'image' | 'video' | 'bulk' | 'workflow'
  limit?: number
  cursor?: string
}

export type GetSearchQuery = {
  q?: string
  sources?: Array<'civitai' | 'huggingface' | 'local'>
  type?: Array<
    | 'checkpoint'
    | 'diffusion-model'
    | 'lora'
    | 'locon'
    | 'dora'
    | 'embedding'
    | 'vae'
    | 'text-encoder'
    | 'clip-vision'
    | 'controlnet'
    | 'upscaler'
    | 'motion-module'
    | 'hypernetwork'
    | 'detection'
    | 'workflow'
    | 'wildcards'
    | 'poses'
    | 'other'
  >
  base?: Array<string>
  tag?: Array<string>
  creator?: string
  period?: 'day' | 'week' | 'month' | 'year' | 'all'
  maxNsfw?: 'pg' | 'pg13' | 'r' | 'x' | 'xxx'
  commercialUse?: boolean
  task?: string
  installed?: boolean
  favorite?: boolean
  sort?: 'relevance' | 'downloads' | 'likes' | 'newest' | 'updated' | 'name'
  offline?: boolean
  facets?: boolean
  limit?: number
  cursor?: string
}

export type GetSearchSuggestQuery = { q?: string; maxNsfw?: 'pg' | 'pg13' | 'r' | 'x' | 'xxx' }

export type GetModelsQuery = {
  q?: string
  sources?: Array<'civitai' | 'huggingface' | 'local'>
  type?: Array<
    | 'checkpoint'
    | 'diffusion-model'
    | 'lora'
    | 'locon'
    | 'dora'
    | 'embedding'
    | 'vae'
    | 'text-encoder'
    | 'clip-vision'
    | 'controlnet'
    | 'upscaler'
    | 'motion-module'
    | 'hypernetwork'
    | 'detection'
    | 'workflow'
    | 'wildcards'
    | 'poses'
    | 'other'
  >
  base?: Array<string>
  tag?: Array<string>
  creator?: string
  period?: 'day' | 'week' | 'month' | 'year' | 'all'
  maxNsfw?: 'pg' | 'pg13' | 'r' | 'x' | 'xxx'
  commercialUse?: boolean
  task?: string
  installed?: boolean
  favorite?: boolean
  sort?: 'relevance' | 'downloads' | 'likes' | 'newest' | 'updated' | 'name'
  facets?: boolean
  limit?: number
  cursor?: string
}

export type GetModelsByHashHashQuery = { maxNsfw?: 'pg' | 'pg13' | 'r' | 'x' | 'xxx' }

export type GetModelsSourceIdQuery = { maxNsfw?: 'pg' | 'pg13' | 'r' | 'x' | 'xxx'; refresh?: boolean }

export type GetFavoritesQuery = {
  maxNsfw?: 'pg' | 'pg13' | 'r' | 'x' | 'xxx'
  limit?: number
  cursor?: string
}

export type GetLibraryUpdatesQuery = {
  maxNsfw?: 'pg' | 'pg13' | 'r' | 'x' | 'xxx'
  limit?: number
  cursor?: string
}

export type GetLibraryFilesQuery = {
  q?: string
  folder?: string
  base?: string
  family?: string
  compatibleWith?: string
  type?:
    | 'checkpoint'
    | 'diffusion-model'
    | 'lora'
    | 'locon'
    | 'dora'
    | 'embedding'
    | 'vae'
    | 'text-encoder'
    | 'clip-vision'
    | 'controlnet'
    | 'upscaler'
    | 'motion-module'
    | 'hypernetwork'
    | 'detection'
    | 'workflow'
    | 'wildcards'
    | 'poses'
    | 'other'
  root?: string
  linked?: boolean
  modelSource?: 'civitai' | 'huggingface' | 'local'
  modelId?: string
  versionId?: string
  variants?: 'apart' | 'together'
  format?: 'safetensors' | 'gguf' | 'pickle' | 'other'
  unsafe?: boolean
  sort?: 'name' | 'newest' | 'largest'
  limit?: number
  cursor?: string
}

export type GetLibraryDuplicatesQuery = { limit?: number; cursor?: string }

export type GetLibraryMisplacedQuery = { limit?: number; cursor?: string }

export type GetLibraryTriggerWordsQuery = {
  fileId?: string
  source?: 'civitai' | 'huggingface'
  versionId?: string
}

export type GetLibraryExternalQuery = { sha256?: string; url?: string; name?: string }

export type GetBundlesQuery = { q?: string; family?: string; limit?: number; cursor?: string }

export type GetBundlesIdQuery = { variant?: string }

export type DeleteBundlesIdQuery = { variant?: string }

export type GetBundlesIdStatusQuery = { variant?: string }

export type GetLorasQuery = {
  for?: string
  q?: string
  origin?: Array<'preset' | 'downloaded' | 'local' | 'catalogue'>
  installed?: boolean
  maxNsfw?: 'pg' | 'pg13' | 'r' | 'x' | 'xxx'
  limit?: number
  cursor?: string
}

export type GetCollectionsQuery = {
  spaceId?: string
  q?: string
  tag?: string
  limit?: number
  cursor?: string
}

export type GetCollectionsExportQuery = { spaceId?: string; ids?: Array<string> }

export type GetCollectionsIdQuery = { maxNsfw?: 'pg' | 'pg13' | 'r' | 'x' | 'xxx' }

export type GetDownloadsQuery = {
  status?: Array<'queued' | 'running' | 'verifying' | 'paused' | 'completed' | 'failed' | 'canceled'>
  spaceId?: string
  source?: 'url' | 'civitai' | 'huggingface' | 'hash' | 'reference' | 'bundle' | 'files'
  q?: string
  limit?: number
  cursor?: string
}

export type GetHubFilesQuery = {
  state?: 'present' | 'evicted' | 'bad' | 'lost'
  limit?: number
  cursor?: string
}

export type GetEventsQuery = { after?: string; ticket?: string; limit?: number; cursor?: string }

export type GetWebhooksQuery = { spaceId?: string; limit?: number; cursor?: string }

export type GetWebhooksIdDeliveriesQuery = {
  status?: 'pending' | 'delivered' | 'failed'
  limit?: number
  cursor?: string
}
