export type KnownLicence = {
  readonly name: string
  /** Whether what is made with it may be sold. */
  readonly outputs: boolean
  /** Whether the model itself may be used in a business. */
  readonly commercial: boolean
  readonly credit: boolean
  readonly derivatives: boolean
  readonly url?: string
  /** What else a user has to know. */
  readonly more?: readonly string[]
}

const open = { outputs: true, commercial: true, derivatives: true }
const keepNotice = { ...open, credit: true }
const research = { outputs: false, commercial: false, derivatives: true, credit: true }

const rail = {
  ...open,
  credit: false,
  more: ['It lists uses that are forbidden, and whoever gets it from you is bound by the list, too'],
}
const creativeCommons = (name: string, path: string) => ({
  name,
  credit: !path.startsWith('zero'),
  outputs: !path.includes('nc'),
  commercial: !path.includes('nc'),
  derivatives: !path.includes('nd'),
  url: `https://creativecommons.org/licenses/${path}/`,
  more: path.includes('sa') ? ['What you make of the model must keep this licence'] : [],
})
const acceptableUse = ['It lists uses that are forbidden']

/** Licences as Hugging Face's `license` and `license_name` write them. What a text says in full is at its URL. */
export const licences: Readonly<Record<string, KnownLicence>> = Object.assign(
  Object.create(null) as Record<string, KnownLicence>,
  {
    'apache-2.0': { ...keepNotice, name: 'Apache 2.0', url: 'https://www.apache.org/licenses/LICENSE-2.0' },
    mit: { ...keepNotice, name: 'MIT', url: 'https://opensource.org/license/mit' },
    'bsd-2-clause': { ...keepNotice, name: 'BSD 2-Clause' },
    'bsd-3-clause': { ...keepNotice, name: 'BSD 3-Clause' },
    isc: { ...keepNotice, name: 'ISC' },
    unlicense: { ...open, credit: false, name: 'Unlicense (public domain)' },
    wtfpl: { ...open, credit: false, name: 'WTFPL' },
    'gpl-3.0': {
      ...keepNotice,
      name: 'GPL 3.0',
      more: ['What you make of the model must keep this licence'],
    },
    'agpl-3.0': {
      ...keepNotice,
      name: 'AGPL 3.0',
      more: ['What you make of the model must keep this licence'],
    },
    'lgpl-3.0': { ...keepNotice, name: 'LGPL 3.0' },
    'mpl-2.0': { ...keepNotice, name: 'MPL 2.0' },
    'cc0-1.0': {
      ...open,
      credit: false,
      name: 'CC0 (public domain)',
      url: 'https://creativecommons.org/publicdomain/zero/1.0/',
    },
    'cc-by-4.0': creativeCommons('CC BY 4.0', 'by/4.0'),
    'cc-by-3.0': creativeCommons('CC BY 3.0', 'by/3.0'),
    'cc-by-sa-4.0': creativeCommons('CC BY-SA 4.0', 'by-sa/4.0'),
    'cc-by-nd-4.0': creativeCommons('CC BY-ND 4.0', 'by-nd/4.0'),
    'cc-by-nc-4.0': creativeCommons('CC BY-NC 4.0', 'by-nc/4.0'),
    'cc-by-nc-2.0': creativeCommons('CC BY-NC 2.0', 'by-nc/2.0'),
    'cc-by-nc-sa-4.0': creativeCommons('CC BY-NC-SA 4.0', 'by-nc-sa/4.0'),
    'cc-by-nc-nd-4.0': creativeCommons('CC BY-NC-ND 4.0', 'by-nc-nd/4.0'),
    openrail: { ...rail, name: 'OpenRAIL' },
    'openrail++': { ...rail, name: 'OpenRAIL++-M' },
    'creativeml-openrail-m': { ...rail, name: 'CreativeML OpenRAIL-M' },
    'bigscience-openrail-m': { ...rail, name: 'BigScience OpenRAIL-M' },
    bespoke: { ...research, name: 'A licence of its own' },
    'flux-1-dev-non-commercial-license': {
      ...research,
      outputs: true,
      name: 'FLUX.1 [dev] Non-Commercial',
      url: 'https://huggingface.co/black-forest-labs/FLUX.1-dev/blob/main/LICENSE.md',
      more: ['Running the model in a business needs a licence from Black Forest Labs', ...acceptableUse],
    },
    'flux-dev-non-commercial-license': {
      ...research,
      outputs: true,
      name: 'FLUX [dev] Non-Commercial',
      more: ['Running the model in a business needs a licence from Black Forest Labs', ...acceptableUse],
    },
    'flux-non-commercial-license': {
      ...research,
      outputs: true,
      name: 'FLUX Non-Commercial',
      more: ['Running the model in a business needs a licence from Black Forest Labs', ...acceptableUse],
    },
    'stabilityai-ai-community': {
      ...keepNotice,
      name: 'Stability AI Community',
      url: 'https://stability.ai/community-license-agreement',
      more: [
        'Who earns more than a million US dollars a year needs a licence from Stability AI',
        ...acceptableUse,
      ],
    },
    'stabilityai-nc-research-community': { ...research, name: 'Stability AI Non-Commercial Research' },
    llama2: { ...keepNotice, name: 'Llama 2 Community', more: acceptableUse },
    llama3: { ...keepNotice, name: 'Llama 3 Community', more: acceptableUse },
    'llama3.1': { ...keepNotice, name: 'Llama 3.1 Community', more: acceptableUse },
    'llama3.2': { ...keepNotice, name: 'Llama 3.2 Community', more: acceptableUse },
    'llama3.3': { ...keepNotice, name: 'Llama 3.3 Community', more: acceptableUse },
    gemma: { ...keepNotice, name: 'Gemma', url: 'https://ai.google.dev/gemma/terms', more: acceptableUse },
    qwen: {
      ...keepNotice,
      name: 'Qwen',
      more: ['Products with more than 100 million monthly users need a licence from Alibaba Cloud'],
    },
    'qwen-research': { ...research, name: 'Qwen Research' },
    'tencent-hunyuan-community': {
      ...keepNotice,
      name: 'Tencent Hunyuan Community',
      more: [
        'It does not hold in the European Union, the United Kingdom and South Korea',
        'Products with more than 100 million monthly users need a licence from Tencent',
        ...acceptableUse,
      ],
    },
    'ltx-video-open-weights-license-0.x': {
      ...keepNotice,
      name: 'LTX-Video Open Weights',
      more: [
        'Who earns more than ten million US dollars a year needs a licence from Lightricks',
        ...acceptableUse,
      ],
    },
    'ltx-2-community-license-agreement': {
      ...keepNotice,
      name: 'LTX-2 Community',
      more: [
        'Who earns more than ten million US dollars a year needs a licence from Lightricks',
        ...acceptableUse,
      ],
    },
    'fair-noncommercial-research-license': { ...research, name: 'FAIR Noncommercial Research' },
    'apple-amlr': { ...research, name: 'Apple Machine Learning Research' },
    'playground-v2dot5-community': { ...keepNotice, name: 'Playground v2.5 Community' },
    'fair-ai-public-license-1.0-sd': {
      ...keepNotice,
      name: 'Fair AI Public License 1.0-SD',
      url: 'https://freedevproject.org/faipl-1.0-sd/',
      more: ['What you make of the model must be shared under this licence'],
    },
  },
)

/** Other names of the same texts. */
const aliases: readonly (readonly [RegExp, string])[] = [
  [/^wan(-|$)/, 'apache-2.0'],
  [/^flux-?1-dev|^flux\.1-dev/, 'flux-1-dev-non-commercial-license'],
  [/^flux-?2?-?dev|^flux\.2-dev/, 'flux-dev-non-commercial-license'],
  [/^flux.*non-commercial/, 'flux-non-commercial-license'],
  [/^(stabilityai|stability-ai|sai)[a-z-]*community/, 'stabilityai-ai-community'],
  [/^(sai|stabilityai|stability-ai)[a-z-]*(nc|non-commercial|research)/, 'stabilityai-nc-research-community'],
  [/^(tongyi-)?qwen(-(licen[cs]e|1|2).*)?$/, 'qwen'],
  [/^(tongyi-)?qwen-research/, 'qwen-research'],
  [/hunyuan/, 'tencent-hunyuan-community'],
  [/^ltx-?2/, 'ltx-2-community-license-agreement'],
  [/^ltxv?(-|$)/, 'ltx-video-open-weights-license-0.x'],
  [/^faipl/, 'fair-ai-public-license-1.0-sd'],
  [/^llama-?3\.3/, 'llama3.3'],
  [/^llama-?3\.2/, 'llama3.2'],
  [/^llama-?3\.1/, 'llama3.1'],
  [/^llama-?3/, 'llama3'],
  [/^llama-?2/, 'llama2'],
]

export function knownLicence(name: string): KnownLicence | undefined {
  const key = name
    .trim()
    .toLowerCase()
    .replaceAll(/[\s_]+/g, '-')
  return licences[key] ?? licences[aliases.find(([pattern]) => pattern.test(key))?.[1] ?? '']
}
