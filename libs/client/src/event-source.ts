/** One without data only tells an id: where to resume. */
export type ServerEvent = { readonly id: string | undefined; readonly type: string; readonly data: string }

/** Server-sent events of a response, as the WHATWG standard reads them, until the response ends. */
export async function* readServerEvents(body: ReadableStream<Uint8Array>): AsyncGenerator<ServerEvent> {
  const reader = body.getReader()
  const decoder = new TextDecoder()
  let rest = ''
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return
      // A line may end in CR, LF or both; a CR at the very end may have its LF still to come.
      const blocks = (rest + decoder.decode(value, { stream: true }))
        .replaceAll(/\r\n|\r(?!$)/g, '\n')
        .split('\n\n')
      rest = blocks.pop() ?? ''
      for (const block of blocks) {
        const event = parseBlock(block)
        if (event) yield event
      }
    }
  } finally {
    // Also when the listener has had enough: the connection closes.
    await reader.cancel().catch(() => undefined)
  }
}

function parseBlock(block: string): ServerEvent | undefined {
  const data: string[] = []
  let id: string | undefined
  let type = 'message'
  for (const line of block.split('\n')) {
    const [, name, value = ''] = /^([^:]+)(?:: ?(.*))?$/.exec(line) ?? []
    if (name === 'data') data.push(value)
    else if (name === 'id') id = value
    else if (name === 'event') type = value
  }
  return data.length > 0 || id !== undefined ? { id, type, data: data.join('\n') } : undefined
}
