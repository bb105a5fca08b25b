import { LiveStream } from './live-stream.ts'
import { logIn } from './log-in.ts'

/** The next frame; a page in the background has none. */
function beforeNextFrame(run: () => void): void {
  let isDone = false
  const once = () => {
    if (isDone) return
    isDone = true
    run()
  }
  requestAnimationFrame(once)
  setTimeout(once, 250)
}

export const live = new LiveStream({
  url: () => new URL('/api/events', location.href.replace(/^http/, 'ws')),
  schedule: beforeNextFrame,
  onEnded: () => logIn.lapse(),
  // Not through `easel`: it would wait for the next log-in.
  isLoggedIn: async () => (await fetch('/api/auth/me')).status !== 401,
})
