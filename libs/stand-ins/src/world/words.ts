import { oneOf } from './random.ts'
import type { Random } from './random.ts'

const first = [
  'Amber',
  'Brass',
  'Cobalt',
  'Dusty',
  'Ember',
  'Foggy',
  'Gilded',
  'Hollow',
  'Ivory',
  'Jade',
  'Kestrel',
  'Lunar',
  'Mossy',
  'Northern',
  'Opal',
  'Paper',
  'Quiet',
  'Rusted',
  'Silver',
  'Tidal',
  'Umber',
  'Velvet',
  'Winter',
  'Zephyr',
]
const second = [
  'Arcade',
  'Beacon',
  'Canyon',
  'Drifter',
  'Engine',
  'Falcon',
  'Garden',
  'Harbor',
  'Isle',
  'Junction',
  'Kiln',
  'Lantern',
  'Meadow',
  'Nocturne',
  'Orchard',
  'Prairie',
  'Quarry',
  'River',
  'Sketch',
  'Temple',
  'Voyage',
  'Workshop',
]
const kinds = [
  'Mix',
  'Style',
  'Portraits',
  'Scenes',
  'Detail',
  'Ink',
  'Film',
  'Watercolor',
  'Render',
  'Anime',
]
const people = [
  'anselm',
  'birdie',
  'corvin',
  'delphine',
  'eskil',
  'fumiko',
  'gideon',
  'harriet',
  'ines',
  'jorunn',
]
const subjects = [
  'a lighthouse above a stormy sea',
  'a cat asleep on a stack of books',
  'a tram in the evening rain',
  'a market square at dawn',
  'an old observatory under the stars',
  'a fox in a birch forest',
  'a clockmaker at the workbench',
  'a greenhouse full of ferns',
  'a paper boat on a canal',
  'a village in the snow',
]
const manners = [
  'soft light',
  'wide angle',
  'film grain',
  'ink lines',
  'warm colours',
  'low key',
  'close up',
  'mist',
]
export const tagWords = [
  'anime',
  'architecture',
  'animals',
  'background',
  'base model',
  'character',
  'clothing',
  'concept',
  'landscape',
  'painting',
  'photography',
  'realistic',
  'sketch',
  'style',
  'tool',
  'vehicle',
]

export function modelName(random: Random): string {
  return `${oneOf(random, first)} ${oneOf(random, second)} ${oneOf(random, kinds)}`
}

export function person(random: Random): string {
  return oneOf(random, people)
}

export function prompt(random: Random): string {
  return `${oneOf(random, subjects)}, ${oneOf(random, manners)}, ${oneOf(random, manners)}`
}

/** Two sentences about a model, as its maker could write them. */
export function story(random: Random, name: string): string {
  return `${name} was made for pictures such as ${oneOf(random, subjects)}. It likes ${oneOf(random, manners)}.`
}

/** `amber_lantern` for `Amber Lantern`. */
export function slug(name: string): string {
  return name
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '_')
    .replaceAll(/^_|_$/g, '')
}
