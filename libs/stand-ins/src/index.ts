export { faultKinds, parseFault, type Fault, type FaultKind, type ServerName } from './http/faults.ts'
export type { SeenRequest, StandInServer } from './http/server.ts'
export { startStandIns, type StandInOptions, type StandIns } from './stand-ins.ts'
export {
  civitaiHashes,
  ggufBytes,
  noise,
  pickleBytes,
  safetensorsBytes,
  sha256Of,
} from './world/model-bytes.ts'
export type { CivitaiFile, CivitaiImage, CivitaiModel, CivitaiVersion } from './world/civitai-shape.ts'
export type { CivitaiWorld, SpecialModel } from './world/civitai-world.ts'
export type { FilePlan, ModelPlan } from './world/civitai-model.ts'
export type { HfCommit, HfFile, HfRepo, HuggingFaceWorld, RepoPlan } from './world/huggingface-world.ts'
export { generateModels, type GeneratedModel } from './world/generate-models.ts'
