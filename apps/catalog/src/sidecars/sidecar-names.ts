/** What tools write beside a model, each with its own ending; where several are there, the first goes before. */
export const sidecarKinds = [
  ['easel', '.easel.json'],
  ['lora-manager', '.metadata.json'],
  ['civitai', '.civitai.info'],
  ['stability-matrix', '.cm-info.json'],
  ['a1111', '.json'],
  ['swarm', '.swarm.json'],
] as const
export type SidecarKind = (typeof sidecarKinds)[number][0]

const previewEndings = [
  '.preview.png',
  '.preview.jpg',
  '.preview.jpeg',
  '.preview.webp',
  '.png',
  '.jpg',
  '.jpeg',
  '.webp',
  '.thumb.jpg',
  '.swarmpreview.jpg',
  '.example.png',
]

/** Names of files that lie beside a model and tell of it. */
export type Besides = { sidecars: { kind: SidecarKind; name: string }[]; previews: string[] }

/** `stem`: the model's name without ending; `names`: of the plain files in its folder. */
export function findBesides(stem: string, names: ReadonlySet<string>): Besides {
  if (names.size === 0) return { sidecars: [], previews: [] }
  return {
    sidecars: sidecarKinds.flatMap(([kind, ending]) => {
      const name = stem + ending
      return names.has(name) ? [{ kind, name }] : []
    }),
    previews: previewEndings.map((ending) => stem + ending).filter((name) => names.has(name)),
  }
}

/** All that goes along when a model is moved. */
export const besideEndings: readonly string[] = [
  ...sidecarKinds.map(([, ending]) => ending),
  ...previewEndings,
  '.preview.mp4',
  '.txt',
  '.yaml',
]
