import { bytes, count, duration } from '../../lib/format.ts'
import { isGiven } from '../../lib/given.ts'
import { useUnderWay } from './under-way.ts'

/** All that is under way together, in one line. */
export function DownloadTotals() {
  const underWay = useUnderWay().filter(({ status }) =>
    ['queued', 'running', 'verifying', 'paused'].includes(status),
  )
  if (underWay.length === 0) return null
  const running = underWay.filter(({ status }) => status === 'running')
  const waiting = underWay.filter(({ status }) => status === 'queued').length
  const paused = underWay.filter(({ status }) => status === 'paused').length
  const speed = running.reduce((sum, { bytesPerSecond }) => sum + (bytesPerSecond ?? 0), 0)
  const known = underWay.filter(({ status, bytesTotal }) => status !== 'paused' && isGiven(bytesTotal))
  const left = known.reduce((sum, { bytesTotal, bytesDone }) => sum + bytesTotal! - bytesDone, 0)
  return (
    <p className="nums flex flex-wrap items-baseline gap-x-4 gap-y-1 px-1 text-ink-2">
      <span>
        <span className="text-2xl font-semibold text-ink">{bytes(speed)}/s</span>
      </span>
      {[
        running.length > 0 && `${running.length} being fetched`,
        waiting > 0 && `${waiting} waiting`,
        paused > 0 && `${paused} paused`,
        left > 0 && `${bytes(left)} to come`,
        speed > 0 && left > 0 && `about ${duration(left / speed)} left`,
      ]
        .filter(Boolean)
        .map((part) => (
          <span key={String(part)}>{part}</span>
        ))}
      <span className="sr-only">{count(underWay.length, 'download')} under way</span>
    </p>
  )
}
