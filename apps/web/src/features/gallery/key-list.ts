import type { KeyLine } from '../../lib/keys.ts'

const aboutPictures: readonly KeyLine[] = [
  { keys: ['F'], does: 'Favourite' },
  { keys: ['1', '–', '5'], does: 'Rate; 0 takes it back' },
  { keys: ['Delete'], does: 'Delete' },
]

export const galleryKeys: readonly KeyLine[] = [
  { keys: ['←', '→', '↑', '↓'], does: 'Go from picture to picture' },
  { keys: ['Enter'], does: 'Open' },
  { keys: ['Space'], does: 'Select' },
  { keys: ['Shift', '→'], does: 'Select on the way' },
  { keys: ['Ctrl', 'A'], does: 'Select all that are loaded' },
  { keys: ['Esc'], does: 'Select none' },
  ...aboutPictures,
]

export const lightBoxKeys: readonly KeyLine[] = [
  { keys: ['←', '→'], does: 'The one before, the next' },
  { keys: ['+', '−'], does: 'Nearer, further; 0 shows all of it' },
  ...aboutPictures,
  { keys: ['D'], does: 'Download' },
  { keys: ['I'], does: 'Details' },
  { keys: ['Esc'], does: 'Close' },
]
