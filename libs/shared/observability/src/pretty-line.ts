const shownElsewhere = new Set(['level', 'time', 'service', 'msg', 'err', 'traceId', 'spanId'])

/** A log line for people: `10:22:11.123 INFO  gateway  listening  port=8080`, and the stack of an error below. */
export function prettyLine(json: string): string {
  const line = parse(json)
  if (!line) return json
  const { level, time, service, msg = '', err } = line
  const fields = Object.entries(line)
    .filter(([name]) => !shownElsewhere.has(name))
    .map(([name, value]) => `${name}=${show(value)}`)
  const head = [
    String(time).slice(11, 23),
    String(level).toUpperCase().padEnd(5),
    service,
    printable(String(msg)),
  ]
  const stack = (err as { stack?: unknown } | undefined)?.stack
  const below = typeof stack === 'string' ? `\n${stack.split('\n').map(printable).join('\n')}` : ''
  return `${[...head, ...fields].join('  ')}${below}\n`
}

function parse(json: string): Record<string, unknown> | undefined {
  try {
    return JSON.parse(json) as Record<string, unknown>
  } catch {
    // Cut short by a limit: better shown as it is than not at all.
    return undefined
  }
}

function show(value: unknown): string {
  return typeof value === 'string' && /^[\w./:@-]+$/.test(value) ? value : JSON.stringify(value)
}

/** Without control characters: a log must not be able to move a terminal's cursor. */
function printable(text: string): string {
  return text.replace(/\p{Cc}/gu, (character) => JSON.stringify(character).slice(1, -1))
}
