import { Copy } from 'lucide-react'
import { copyText } from '../../lib/copy.ts'

/** Each copies itself; with several, one more copies them all. */
export function TriggerWords({ words, note }: { words: readonly string[]; note?: string }) {
  if (words.length === 0) return null
  return (
    <section>
      <h3 className="mb-1.5 font-medium">
        Trigger words{note !== undefined && <span className="font-normal text-ink-2"> {note}</span>}
      </h3>
      <div className="flex flex-wrap gap-1.5">
        {words.map((word) => (
          <button
            key={word}
            type="button"
            title={`Copy “${word.slice(0, 200)}”`}
            onClick={() => void copyText(word, `“${word.slice(0, 40)}”`)}
            className="max-w-full truncate rounded-full border bg-accent-soft px-2.5 py-0.5 text-sm hover:border-accent max-md:py-2"
            dir="auto"
          >
            {word}
          </button>
        ))}
        {words.length > 1 && (
          <button
            type="button"
            onClick={() => void copyText(words.join(', '), `All ${words.length} trigger words`)}
            className="inline-flex items-center gap-1 rounded-full border px-2.5 py-0.5 text-sm text-ink-2 hover:bg-hover max-md:py-2"
          >
            <Copy size={12} aria-hidden /> Copy all
          </button>
        )}
      </div>
    </section>
  )
}
