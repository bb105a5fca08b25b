import { parseJson } from '@easel/protocol'

/** JSON as Python writes it: `NaN`, `Infinity` and `-Infinity` stand bare in it and become `null`. */
export function parsePythonJson(text: string): unknown {
  if (!text.includes('NaN') && !text.includes('Infinity')) return parseJson(text)
  const plain = text.replace(/"(?:[^"\\]|\\.)*"|-?\b(?:NaN|Infinity)\b/g, (part) =>
    part[0] === '"' ? part : 'null',
  )
  return parseJson(plain)
}
