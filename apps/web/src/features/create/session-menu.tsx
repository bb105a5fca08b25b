import { ChevronDown, Plus } from 'lucide-react'
import { Button } from '../../ui/button.tsx'
import { Menu, MenuChoices, MenuItem, MenuLine } from '../../ui/menu.tsx'
import type { SessionView } from '@easel/client'

type SessionMenuProps = {
  sessions: readonly SessionView[]
  current: SessionView | undefined
  onChoose: (id: string) => void
  onNew: () => void
}

export function SessionMenu({ sessions, current, onChoose, onNew }: SessionMenuProps) {
  return (
    <>
      <Menu
        align="end"
        trigger={
          <Button
            small
            className="max-w-64"
            icon={<ChevronDown size={15} className="order-last" aria-hidden />}
          >
            <span className="truncate" dir="auto">
              {current?.title ?? 'Session'}
            </span>
          </Button>
        }
      >
        <MenuChoices
          label="Sessions"
          value={current?.id ?? ''}
          choices={sessions.map(({ id, title }) => ({ value: id, name: title }))}
          onChoose={onChoose}
        />
        <MenuLine />
        <MenuItem icon={<Plus size={16} aria-hidden />} onSelect={onNew}>
          New session
        </MenuItem>
      </Menu>
      <Button small icon={<Plus size={15} aria-hidden />} aria-label="New session" onClick={onNew} />
    </>
  )
}
