import type { LicenceView } from '@easel/contracts'
import type { SourceLicence } from '../sources/source-model.ts'
import { knownLicence } from './licence-table.ts'
import type { KnownLicence } from './licence-table.ts'

export type KeptLicence = Omit<SourceLicence, 'gate'>

/** In plain words, what is allowed first. Where nobody says a thing, no line claims it. */
export function toLicenceView(licence: KeptLicence): LicenceView {
  const known = licenceOf(licence)
  if (known) return knownView(licence, known)
  const { commercialUse, credit, derivatives, sameLicence } = licence
  const sells = sellsImages(licence)
  return {
    id: licence.id,
    name: licence.name,
    url: licence.url,
    commercialUse: sells,
    creditRequired: credit,
    derivatives,
    terms: [
      said(sells, 'You may sell images you make with it', 'You may not sell images you make with it'),
      commercialUse && serviceTerm(commercialUse),
      commercialUse &&
        said(
          commercialUse.includes('sell'),
          'You may sell the model itself or merges of it',
          'You may not sell the model itself or merges of it',
        ),
      said(credit, 'You must name its creator', 'You need not name its creator'),
      said(derivatives, 'You may share merges of it', 'You may not share merges of it'),
      derivatives === false ? null : said(sameLicence, 'Merges must keep these permissions', null),
      isSilent(licence)
        ? 'Its licence is not told: ask its creator before you sell anything made with it'
        : null,
    ].filter((term) => typeof term === 'string'),
  }
}

/** Whether what is made with it may be sold, where somebody says. */
export function allowsCommercialUse(licence: KeptLicence): boolean | null {
  return toLicenceView(licence).commercialUse ?? null
}

function licenceOf({ id, name }: KeptLicence): KnownLicence | undefined {
  const named = id === null || id === 'other' || id === 'unknown' ? name : id
  return named === null ? undefined : knownLicence(named)
}

function knownView(licence: KeptLicence, known: KnownLicence): LicenceView {
  return {
    id: licence.id,
    name: known.name,
    url: licence.url ?? known.url ?? null,
    // A claim of the model itself goes before what its licence usually means.
    commercialUse: sellsImages(licence) ?? known.outputs,
    creditRequired: licence.credit ?? known.credit,
    derivatives: licence.derivatives ?? known.derivatives,
    terms: [
      said(known.outputs, 'You may sell images you make with it', 'You may not sell images you make with it'),
      said(known.commercial, 'You may run it in a business', 'You may not run it in a business'),
      said(known.credit, 'You must keep its notices when you pass it on', null),
      said(
        known.derivatives,
        'You may share what you make of the model',
        'You may not share changed versions of it',
      ),
      ...(known.more ?? []),
    ].filter((term) => term !== null),
  }
}

function serviceTerm(uses: NonNullable<KeptLicence['commercialUse']>): string {
  if (uses.includes('rent')) return 'You may offer it in a paid service'
  return uses.includes('rent-civitai')
    ? 'It may be offered in a paid service on CivitAI only'
    : 'You may not offer it in a paid service'
}

function said<T>(value: boolean | null, yes: string, no: T): string | T | null {
  return value === null ? null : value ? yes : no
}

/** Who may sell the model may sell its images. */
const sellsImages = ({ commercialUse }: KeptLicence): boolean | null =>
  commercialUse === null ? null : commercialUse.includes('image') || commercialUse.includes('sell')

const isSilent = ({ commercialUse, credit, derivatives }: KeptLicence) =>
  commercialUse === null && credit === null && derivatives === null
