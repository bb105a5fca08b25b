import { Images, SearchX } from 'lucide-react'
import { Button, ButtonLink } from '../../ui/button.tsx'
import { Empty } from '../../ui/states.tsx'
import { isFiltered, noFilters } from './gallery-search.ts'
import type { CurrentSpace } from '../../api/space.ts'
import type { GallerySearch, Go } from './gallery-search.ts'

export function Nothing({ search, go, space }: { search: GallerySearch; go: Go; space: CurrentSpace }) {
  if (isFiltered(search)) {
    return (
      <Empty
        title="Nothing fits these filters"
        icon={<SearchX size={28} strokeWidth={1.5} />}
        action={<Button onClick={() => go(noFilters)}>Clear the filters</Button>}
      >
        Every picture, film, sound and text of this space was looked through.
      </Empty>
    )
  }
  return (
    <Empty
      title="Nothing has been made here yet"
      icon={<Images size={28} strokeWidth={1.5} />}
      action={
        space.canWrite && (
          <ButtonLink to="/create" look="primary">
            Go to Create
          </ButtonLink>
        )
      }
    >
      What jobs make appears here by itself, whoever ran them and from where. Files can be dropped here, too.
    </Empty>
  )
}
