import { useEffect } from 'react'

/** `keys` as they are written on the keyboard, each by itself: `['G', 'Q']`; what they do, as a sentence's end. */
export type KeyLine = { keys: readonly string[]; does: string }
export type KeyGroup = { title: string; lines: readonly KeyLine[] }

const groups = new Set<KeyGroup>()

/** Shows the keys of a view, or of what is open over it, in the list of keys (`?`), as long as it is there. */
export function useKeyList(title: string, lines: readonly KeyLine[]): void {
  useEffect(() => {
    const group = { title, lines }
    groups.add(group)
    return () => void groups.delete(group)
  }, [title, lines])
}

/** What was opened last comes first. */
export function keyGroups(): KeyGroup[] {
  return [...groups].toReversed()
}

/** Letters belong to what is written and to what is chosen from. */
export function isForNobodyElse(event: KeyboardEvent): boolean {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || event.isComposing)
    return false
  const target = event.target instanceof HTMLElement ? event.target : undefined
  if (target?.isContentEditable) return false
  return !target?.closest('input, textarea, select, [role=menu], [role=listbox], [role=slider]')
}

/** What lies over the page has the keys. */
export function isCovered(): boolean {
  return document.querySelector('[role=dialog], [role=alertdialog], [role=menu]') !== null
}

const isApple = /mac|iphone|ipad/i.test(globalThis.navigator?.platform ?? '')
/** How the key of commands is written here. */
export const commandKey = isApple ? '⌘' : 'Ctrl'
