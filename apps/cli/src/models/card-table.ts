import type { ModelCard } from '@easel/client'
import type { Column } from '../output/table.ts'
import { formatBytes } from '../output/units.ts'
import { writeModelName } from './model-name.ts'

export const cardColumns: readonly Column<ModelCard>[] = [
  { title: 'MODEL', value: writeModelName },
  { title: 'NAME', value: ({ name }) => name, flexible: true },
  { title: 'TYPE', value: ({ type }) => type },
  { title: 'BASE', value: ({ family, baseModel }) => family ?? baseModel, optional: true },
  { title: 'CREATOR', value: ({ creator }) => creator, flexible: true, optional: true },
  { title: 'DOWNLOADS', value: ({ downloads }) => downloads, side: 'right', optional: true },
  { title: 'SIZE', value: ({ bytes }) => formatBytes(bytes), side: 'right', optional: true },
  { title: 'STATE', value: stateOf, optional: true },
]

function stateOf({ installed, updateAvailable, gate, favorite }: ModelCard): string {
  const words = [
    installed.state === 'none' ? '' : installed.state,
    updateAvailable ? 'update' : '',
    gate === 'open' ? '' : gate,
    favorite ? 'favourite' : '',
  ]
  return words.filter(Boolean).join(', ')
}
