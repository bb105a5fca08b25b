import { keyGroups } from '../lib/keys.ts'
import { Dialog } from '../ui/dialog.tsx'
import { Key } from '../ui/key.tsx'
import { frameKeys } from './frame-keys.ts'

/** `?`: the keys of what is in sight, then those that work everywhere. */
export function KeysDialog({ open, onClose }: { open: boolean; onClose: () => void }) {
  const groups = open ? [...keyGroups(), { title: 'Everywhere', lines: frameKeys }] : []
  return (
    <Dialog title="Keys" open={open} onClose={onClose}>
      <div className="flex flex-col gap-5">
        {groups.map(({ title, lines }) => (
          <section key={title} className="flex flex-col gap-1.5">
            <h3 className="font-medium">{title}</h3>
            <dl className="grid grid-cols-[minmax(0,1fr)_auto] gap-x-4">
              {lines.map(({ keys, does }) => (
                <div key={does} className="col-span-2 grid grid-cols-subgrid items-center border-t py-1.5">
                  <dt className="text-ink-2">{does}</dt>
                  <dd className="flex items-center justify-end gap-1">
                    {keys.map((key, index) => (
                      <Key key={key + String(index)}>{key}</Key>
                    ))}
                  </dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Dialog>
  )
}
