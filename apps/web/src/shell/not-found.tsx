import { Compass } from 'lucide-react'
import { ButtonLink } from '../ui/button.tsx'
import { Empty } from '../ui/states.tsx'

export function NotFound() {
  return (
    <main className="p-6">
      <Empty
        title="There is no such page"
        icon={<Compass size={28} strokeWidth={1.5} />}
        action={<ButtonLink to="/">To the studio</ButtonLink>}
      >
        The address may be from an older Easel, or mistyped.
      </Empty>
    </main>
  )
}
