import { useSyncExternalStore } from 'react'

export type Theme = 'light' | 'dark' | 'system'

const key = 'easel.theme'
const watchers = new Set<() => void>()
const prefersDark = matchMedia('(prefers-color-scheme: dark)')

function read(): Theme {
  const chosen = localStorage.getItem(key)
  return chosen === 'light' || chosen === 'dark' ? chosen : 'system'
}

function paint(): void {
  const theme = read()
  document.documentElement.classList.toggle(
    'dark',
    theme === 'dark' || (theme === 'system' && prefersDark.matches),
  )
  for (const watcher of watchers) watcher()
}

/** To be called once: follows the system while nothing else is chosen, and other tabs. */
export function followTheme(): void {
  prefersDark.addEventListener('change', paint)
  addEventListener('storage', paint)
  paint()
}

export function setTheme(theme: Theme): void {
  if (theme === 'system') localStorage.removeItem(key)
  else localStorage.setItem(key, theme)
  paint()
}

export function useTheme(): Theme {
  return useSyncExternalStore((watcher) => {
    watchers.add(watcher)
    return () => watchers.delete(watcher)
  }, read)
}
