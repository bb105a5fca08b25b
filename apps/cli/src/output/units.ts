const sizes = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB']

/** `1.5 GiB` */
export function formatBytes(bytes: number | null | undefined): string {
  if (bytes === null || bytes === undefined || !Number.isFinite(bytes)) return ''
  let value = bytes
  let unit = 0
  while (value >= 1024 && unit < sizes.length - 1) {
    value /= 1024
    unit += 1
  }
  return `${unit === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${sizes[unit]}`
}

/** `0.4s`, `12s`, `3m 5s`, `2h 10m`, `4d 3h` */
export function formatSeconds(seconds: number | null | undefined): string {
  if (seconds === null || seconds === undefined || !Number.isFinite(seconds) || seconds < 0) return ''
  if (seconds < 10) return `${Number(seconds.toFixed(1))}s`
  const whole = Math.round(seconds)
  if (whole < 60) return `${whole}s`
  if (whole < 3_600) return `${Math.floor(whole / 60)}m ${whole % 60}s`
  if (whole < 86_400) return `${Math.floor(whole / 3_600)}h ${Math.floor((whole % 3_600) / 60)}m`
  return `${Math.floor(whole / 86_400)}d ${Math.floor((whole % 86_400) / 3_600)}h`
}

export function formatMs(ms: number | null | undefined): string {
  if (ms === null || ms === undefined) return ''
  return ms < 1_000 ? `${Math.round(ms)}ms` : formatSeconds(ms / 1_000)
}

/** Time since an ISO time, as `3m 5s ago`; times ahead are shown as `in 3m 5s`. */
export function formatAge(time: string | null | undefined, now = Date.now()): string {
  const at = Date.parse(time ?? '')
  if (Number.isNaN(at)) return ''
  const seconds = (now - at) / 1_000
  // Clocks differ a little: nothing is made in the future.
  if (seconds < 1 && seconds > -5) return 'now'
  const span = formatSeconds(Math.floor(Math.abs(seconds)))
  return seconds < 0 ? `in ${span}` : `${span} ago`
}

export function formatPercent(fraction: number): string {
  return `${Math.floor(Math.min(1, Math.max(0, fraction)) * 100)}%`
}

/** `1 file`, `2 files` */
export function formatCount(count: number, one: string, several = `${one}s`): string {
  return `${count} ${count === 1 ? one : several}`
}
