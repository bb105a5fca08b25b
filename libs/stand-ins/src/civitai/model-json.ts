import type { CivitaiFile, CivitaiModel, CivitaiVersion } from '../world/civitai-shape.ts'

type View = { origin: string; allLevels: boolean }

/** As an item of a list: nulls are kept, images come without their generation data. */
export function listedModel(model: CivitaiModel, view: View): Record<string, unknown> {
  const { access: _access, modelVersions, ...rest } = model
  return {
    ...rest,
    baseModels: [...new Set(modelVersions.map(({ baseModel }) => baseModel))],
    modelVersions: modelVersions.map((version) => versionInModel(model, version, view)),
  }
}

/** As `/models/{id}` gives it: fields that are null are left out. */
export function detailedModel(model: CivitaiModel, origin: string): unknown {
  const { access: _access, modelVersions, userId: _userId, ...rest } = model
  const versions = modelVersions.map((version) => ({
    ...versionInModel(model, version, { origin, allLevels: true }),
    createdAt: version.createdAt,
    updatedAt: version.updatedAt,
    status: version.status,
    covered: version.images.length > 0,
    air: airOf(model, version),
  }))
  return withoutNulls({ ...rest, modelVersions: versions })
}

function versionInModel(model: CivitaiModel, version: CivitaiVersion, { origin, allLevels }: View) {
  const {
    createdAt: _c,
    updatedAt: _u,
    status: _s,
    usageControl: _g,
    earlyAccessEndsAt: _e,
    ...rest
  } = version
  const gone = model.mode === 'Archived'
  const images = version.images
    .filter(({ nsfwLevel }) => allLevels || nsfwLevel === 1)
    .map(({ meta: _meta, ...image }) => image)
  return {
    ...rest,
    vaeId: null,
    paidAccess: null,
    flags: 0,
    ...(gone
      ? { files: undefined }
      : { files: version.files.map((file) => fileJson(version, file, origin)) }),
    ...(gone || version.files.length === 0 ? {} : { downloadUrl: downloadUrl(version, origin) }),
    images: model.mode === 'TakenDown' ? undefined : images,
  }
}

/** As `/model-versions/{id}` and the look-up by hash give it. */
export function detailedVersion(model: CivitaiModel, version: CivitaiVersion, origin: string): unknown {
  const { index: _index, supportsGeneration: _supports, ...rest } = version
  return {
    ...rest,
    modelId: model.id,
    air: airOf(model, version),
    uploadType: 'Created',
    earlyAccessConfig: version.earlyAccessEndsAt ? { buzzTransactionId: null, timeframe: 7 } : null,
    trainingStatus: null,
    trainingDetails: null,
    model: {
      name: model.name,
      type: model.type,
      nsfw: model.nsfw,
      poi: model.poi,
      ...(model.mode && { mode: model.mode }),
    },
    files: version.files.map((file) => fileJson(version, file, origin)),
    images: version.images.map(({ id: _id, ...image }) => ({
      ...image,
      metadata: { hash: image.hash, size: 700_000, width: image.width, height: image.height },
    })),
    downloadUrl: downloadUrl(version, origin),
  }
}

export function miniVersion(model: CivitaiModel, version: CivitaiVersion, origin: string): unknown {
  const file = version.files.find(({ primary }) => primary) ?? version.files[0]!
  return {
    air: airOf(model, version),
    versionName: version.name,
    modelName: model.name,
    baseModel: version.baseModel,
    availability: version.availability,
    publishedAt: version.publishedAt,
    size: file.sizeKB,
    fileType: file.type,
    fileName: file.name,
    hashes: file.hashes,
    downloadUrls: [downloadUrl(version, origin)],
    format: file.metadata.format,
    canGenerate: version.supportsGeneration,
    requireAuth: model.access.login,
    checkPermission: version.earlyAccessEndsAt !== null,
    earlyAccessEndsAt: version.earlyAccessEndsAt,
    freeTrialLimit: null,
    minor: false,
    sfwOnly: false,
  }
}

export function airOf(model: CivitaiModel, version: CivitaiVersion): string {
  const ecosystem = version.baseModel.split(/[ .]/)[0]!.toLowerCase()
  return `urn:air:${ecosystem}:${model.type.toLowerCase()}:civitai:${model.id}@${version.id}`
}

function fileJson(version: CivitaiVersion, file: CivitaiFile, origin: string) {
  const url = new URL(downloadUrl(version, origin))
  if (!file.primary) {
    const { format, size, fp } = file.metadata
    for (const [name, value] of Object.entries({ type: file.type, format, size, fp })) {
      if (value) url.searchParams.set(name, value)
    }
  }
  return { ...file, hashes: { ...file.hashes }, downloadUrl: url.href }
}

function downloadUrl(version: CivitaiVersion, origin: string): string {
  return `${origin}/api/download/models/${version.id}`
}

function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, each]) => each !== null && each !== undefined)
      .map(([key, each]) => [key, withoutNulls(each)]),
  )
}
