import { useQuery, useSuspenseQuery } from '@tanstack/react-query'
import { ChevronsUpDown } from 'lucide-react'
import { writeSpace } from '../api/easel.ts'
import { meQuery, spaceOf, spacesQuery } from '../api/queries.ts'
import { isGiven } from '../lib/given.ts'
import { Menu, MenuChoices } from '../ui/menu.tsx'

/** Whose work this tab shows. */
export function SpaceMenu() {
  const { current } = useSpaces()
  return (
    <Menu
      trigger={
        <button
          type="button"
          title={current?.name}
          aria-label={`Space: ${current?.name ?? 'loading'}`}
          className="flex h-9 w-full items-center gap-2 rounded-control px-2 font-semibold hover:bg-hover md:max-xl:justify-center"
        >
          <img src="/easel.svg" alt="" width={20} height={20} />
          <span dir="auto" className="min-w-0 flex-1 truncate text-left max-xl:hidden">
            {current?.name ?? ' '}
          </span>
          <ChevronsUpDown size={14} className="shrink-0 text-ink-3 max-xl:hidden" aria-hidden />
        </button>
      }
    >
      <SpaceChoices />
    </Menu>
  )
}

/** Another choice opens the same view anew, so that nothing of the other space stays. */
export function SpaceChoices() {
  const { spaces, current } = useSpaces()
  return (
    <MenuChoices
      label="Spaces"
      value={current?.id ?? ''}
      choices={spaces.map(({ id, name, personal }) => ({
        value: id,
        name: (
          <span dir="auto" className="block truncate" title={name}>
            {personal ? `${name} (personal)` : name}
          </span>
        ),
      }))}
      onChoose={(id) => {
        if (id === current?.id) return
        const space = spaces.find((each) => each.id === id)
        writeSpace(space?.personal ? undefined : id)
        location.assign(location.pathname)
      }}
    />
  )
}

/** Those one is a member of, and the one that is open: administrators have all, and enter others from the settings. */
function useSpaces() {
  const { data: me } = useSuspenseQuery(meQuery)
  const { data } = useQuery(spacesQuery)
  const chosen = spaceOf(me)
  const spaces = data?.items.filter(({ id, role }) => isGiven(role) || id === chosen) ?? []
  return { spaces, current: spaces.find(({ id }) => id === chosen) }
}
