import { familiesOfBaseModel, familyById } from './families.ts'
import type { Family } from './families.ts'
import { familyInName, familyInTag, familyOfRepo } from './family-names.ts'
import { familyInTensors } from './family-tensors.ts'
import type { TensorShape } from './family-tensors.ts'

/** What is known of a model or a file. Any of it may be missing, wrong or hostile. */
export type FamilyEvidence = {
  /** CivitAI's value. It is believed; what else is known only chooses where it names several families. */
  baseModel?: string | null | undefined
  /** What a trainer wrote: base model, name of the base file, ModelSpec's or GGUF's architecture. */
  trainer?: readonly (string | null | undefined)[]
  /** Tags of Hugging Face, `base_model:…` among them. */
  tags?: readonly string[]
  /** `owner/name` on Hugging Face. */
  repo?: string | null | undefined
  /** Names of the model and of its file. */
  names?: readonly (string | null | undefined)[]
  tensors?: Iterable<TensorShape>
}

const mostTexts = 200

/**
 * The family of a model; null when nothing tells it. CivitAI's word goes first, then the tensors, which cannot
 * lie about the architecture; names choose between families whose tensors are alike.
 */
export function familyOf(evidence: FamilyEvidence): Family | null {
  const stated = evidence.baseModel ? familiesOfBaseModel(evidence.baseModel) : []
  if (stated.length === 1) return stated[0]!
  const named = namedFamilies(stated.length > 1 ? { ...evidence, baseModel: null } : evidence)
  if (stated.length > 1) return named.find((family) => stated.includes(family)) ?? stated[0]!
  const built = familyById(familyInTensors(evidence.tensors ?? []) ?? '')
  const fitting = built ? named.filter(({ architecture }) => architecture === built.architecture) : named
  return special(built, fitting)
}

/** What the texts tell, the most trustworthy first. */
function namedFamilies({ baseModel, trainer = [], tags = [], repo, names = [] }: FamilyEvidence): Family[] {
  const ids = [
    ...[baseModel, ...trainer].slice(0, mostTexts).map((text) => (text ? familyInText(text) : undefined)),
    repo ? familyOfRepo(repo) : undefined,
    ...tags.slice(0, mostTexts).map(familyInTag),
    ...names.slice(0, mostTexts).map((name) => (name ? familyInName(name) : undefined)),
  ]
  return ids.flatMap((id) => familyById(id ?? '') ?? [])
}

function familyInText(text: string): string | undefined {
  return familiesOfBaseModel(text)[0]?.id ?? familyInName(text)
}

/** The first name counts, unless a later one is more special: what is trained on Pony says `SDXL` first. */
function special(built: Family | undefined, named: readonly Family[]): Family | null {
  const [first] = named
  if (!first) return built ?? null
  if (built && !isPlain(built)) return isPlain(first) || first.id === built.id ? built : first
  const plain = isPlain(first)
  return (plain ? named.find((family) => sameLine(family, first) && !isPlain(family)) : undefined) ?? first
}

const isPlain = ({ id, architecture }: Family): boolean => id === (plainest[architecture] ?? architecture)

/** Whom the tensors of an architecture that is no family's id are taken for. */
const plainest: Readonly<Record<string, string>> = { flux1: 'flux1-dev', 'wan-14b': 'wan21-t2v' }

const sameLine = (a: Family, b: Family): boolean => a.architecture === b.architecture
