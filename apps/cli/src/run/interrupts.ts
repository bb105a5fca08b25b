import { AppError } from '@easel/protocol'

/** The first Ctrl-C (or SIGTERM) is answered by `handle`; the second ends the process at once. */
export function onInterrupt(handle: () => void): Disposable {
  let count = 0
  const answer = () => {
    count += 1
    if (count > 1) process.exit(130)
    handle()
  }
  process.on('SIGINT', answer)
  process.on('SIGTERM', answer)
  return {
    [Symbol.dispose]() {
      process.off('SIGINT', answer)
      process.off('SIGTERM', answer)
    },
  }
}

/** For who only looks on: Ctrl-C aborts with `CANCELED` and this remark, and what is looked at goes on. */
export function leaveOnInterrupt(remark: string): Disposable & { readonly signal: AbortSignal } {
  const controller = new AbortController()
  const interrupt = onInterrupt(() =>
    controller.abort(new AppError('conflict', remark, { reason: 'CANCELED' })),
  )
  return { signal: controller.signal, [Symbol.dispose]: () => interrupt[Symbol.dispose]() }
}
