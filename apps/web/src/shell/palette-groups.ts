import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import {
  File,
  FolderSearch,
  Image,
  Keyboard,
  ListVideo,
  LogOut,
  Moon,
  Package,
  Plus,
  Sun,
  SunMoon,
} from 'lucide-react'
import { useEffect, useState } from 'react'
import { EaselError } from '@easel/client'
import { easel } from '../api/easel.ts'
import { queries } from '../api/queries.ts'
import { ago } from '../lib/format.ts'
import { setTheme } from '../lib/theme.ts'
import { tell, tellError } from '../ui/toasts.tsx'
import { openKeys } from './openings.ts'
import { useLogOut } from './use-log-out.ts'
import { views } from './views.ts'
import type { AssetView, JobView, LibraryFileView } from '@easel/client'
import type { LucideIcon } from 'lucide-react'

export type Entry = {
  value: string
  label: string
  about: string
  icon?: LucideIcon
  picture?: string
  act: () => void
}
export type Group = { label: string; items: Entry[] }

const restMs = 200
const mostOfAKind = 5
const jobId = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

/** What is offered for what was written; without a word, where to go and what to do. */
export function usePaletteGroups(written: string): { groups: Group[]; isSearching: boolean } {
  const words = useRested(written.trim())
  const wanted = written.trim().toLowerCase()
  const standing = [
    { label: 'Go to', items: useViews() },
    { label: 'Do', items: useActions() },
    { label: 'Sessions', items: useSessions() },
  ].map(({ label, items }) => ({ label, items: items.filter((entry) => isMeant(entry, wanted)) }))
  const found = useFound(words)
  const sessions = standing[2]!
  if (wanted === '') sessions.items = sessions.items.slice(0, mostOfAKind)
  return {
    groups: [...standing, ...found.groups].filter(({ items }) => items.length > 0),
    isSearching: words !== written.trim() || found.isSearching,
  }
}

function isMeant({ label, about }: Entry, wanted: string): boolean {
  const text = `${label} ${about}`.toLowerCase()
  return wanted.split(/\s+/).every((word) => text.includes(word))
}

/** What is written, when its writer rests. */
function useRested(text: string): string {
  const [rested, setRested] = useState(text)
  useEffect(() => {
    const timer = setTimeout(() => setRested(text), restMs)
    return () => clearTimeout(timer)
  }, [text])
  return rested
}

function useViews(): Entry[] {
  const navigate = useNavigate()
  return views.map(({ to, name, about, icon }) => ({
    value: to,
    label: name,
    about,
    icon,
    act: () => void navigate({ to }),
  }))
}

function useActions(): Entry[] {
  const navigate = useNavigate()
  const logOut = useLogOut()
  const beginSession = async () => {
    const made = await easel.sessions.create({ kind: 'workflow' })
    void queries.invalidateQueries({ queryKey: ['sessions'] })
    await navigate({ to: '/create', search: { session: made.id } })
  }
  const scan = async () => {
    await easel.library.scan()
    tell('The library is scanned')
    void queries.invalidateQueries({ queryKey: ['library'] })
  }
  const entry = (label: string, icon: LucideIcon, act: () => unknown): Entry => ({
    value: label,
    label,
    about: '',
    icon,
    act: () => void Promise.resolve(act()).catch(tellError),
  })
  return [
    entry('New session', Plus, beginSession),
    entry('Scan the library', FolderSearch, scan),
    entry('Show the keys', Keyboard, openKeys),
    entry('Light colours', Sun, () => setTheme('light')),
    entry('Dark colours', Moon, () => setTheme('dark')),
    entry('Colours of the system', SunMoon, () => setTheme('system')),
    entry('Log out', LogOut, logOut),
  ]
}

function useSessions(): Entry[] {
  const navigate = useNavigate()
  const { data } = useQuery({ queryKey: ['sessions'], queryFn: () => easel.sessions.list({ limit: 100 }) })
  return (data?.items ?? []).map(({ id, title, updatedAt, thumbnailUrl }) => ({
    value: id,
    label: title,
    about: ago(updatedAt),
    icon: File,
    ...(typeof thumbnailUrl === 'string' && { picture: thumbnailUrl }),
    act: () => void navigate({ to: '/create', search: { session: id } }),
  }))
}

function useFound(words: string): { groups: Group[]; isSearching: boolean } {
  const navigate = useNavigate()
  const { data, isFetching } = useQuery({
    queryKey: ['palette', words],
    queryFn: () => (jobId.test(words) ? findJob(words) : findByText(words)),
    enabled: words.length > 1,
    // What it finds is looked at for a moment.
    staleTime: 10_000,
    retry: false,
  })
  if (!data || words.length < 2) return { groups: [], isSearching: isFetching }
  const jobs = data.jobs.map((job) => ({
    value: job.id,
    label: job.name ?? 'Job',
    about: job.status,
    icon: ListVideo,
    act: () => void navigate({ to: '/queue', search: { job: job.id } }),
  }))
  const assets = data.assets.map((asset) => ({
    value: asset.id,
    label: asset.prompt ?? asset.filename ?? asset.kind,
    about: ago(asset.createdAt),
    icon: Image,
    ...(asset.thumbnail === 'ready' && { picture: `/api/assets/${asset.id}/thumbnail?size=256` }),
    act: () => void navigate({ to: '/gallery', search: { asset: asset.id } }),
  }))
  const files = data.files.map((file) => ({
    value: file.id,
    label: file.path.split('/').at(-1)!,
    about: file.folder,
    icon: Package,
    act: () => void navigate({ to: '/models', search: { tab: 'library', q: words } }),
  }))
  const more: Entry = {
    value: 'more',
    label: `Search models for “${words}”`,
    about: 'CivitAI, Hugging Face, library',
    icon: Package,
    act: () => void navigate({ to: '/models', search: { q: words } }),
  }
  const isId = jobId.test(words)
  return {
    groups: [
      { label: 'Jobs', items: jobs },
      { label: 'Gallery', items: assets },
      { label: 'Models', items: isId ? files : [...files, more] },
    ],
    isSearching: isFetching,
  }
}

type Found = { jobs: JobView[]; assets: AssetView[]; files: LibraryFileView[] }

async function findByText(q: string): Promise<Found> {
  const few = { q, limit: mostOfAKind }
  const [jobs, assets, files] = await Promise.all([
    easel.jobs.list(few),
    easel.assets.list(few),
    easel.library.files(few),
  ])
  return { jobs: jobs.items, assets: assets.items, files: files.items }
}

async function findJob(id: string): Promise<Found> {
  const none: Found = { jobs: [], assets: [], files: [] }
  try {
    return { ...none, jobs: [await easel.jobs.get(id)] }
  } catch (error) {
    if (error instanceof EaselError && error.status === 404) return none
    throw error
  }
}
