const openings = new EventTarget()

/** A thing of the frame that is opened from anywhere. */
function opening(name: string) {
  return {
    open: () => void openings.dispatchEvent(new Event(name)),
    onOpen: (act: () => void) => {
      openings.addEventListener(name, act)
      return () => openings.removeEventListener(name, act)
    },
  }
}

export const { open: openPalette, onOpen: onOpenPalette } = opening('palette')
export const { open: openKeys, onOpen: onOpenKeys } = opening('keys')
