import { useState } from 'react'
import { Button } from '../../ui/button.tsx'
import { readMarkdown } from './markdown.ts'
import type { Block, Inline } from './markdown.ts'

const longCharacters = 1_200

/** What a maker wrote: of its marks only those that cannot do anything. */
export function Description({ text }: { text: string }) {
  const [whole, setWhole] = useState(text.length <= longCharacters)
  const shown = whole ? text : text.slice(0, longCharacters).replace(/\s+\S*$/, ' …')
  return (
    <section className="flex flex-col gap-2">
      <h3 className="font-medium">About it</h3>
      <div className="flex max-w-[70ch] flex-col gap-2 text-ink-2" dir="auto">
        {readMarkdown(shown).map((block, index) => (
          <Shown key={index} block={block} />
        ))}
      </div>
      {!whole && (
        <Button small look="quiet" className="self-start" onClick={() => setWhole(true)}>
          Read all
        </Button>
      )}
    </section>
  )
}

function Shown({ block }: { block: Block }) {
  switch (block.kind) {
    case 'heading':
      return (
        <p className="mt-1 font-medium text-ink">
          <Parts of={block.parts} />
        </p>
      )
    case 'list': {
      const items = block.items.map((parts, index) => (
        <li key={index}>
          <Parts of={parts} />
        </li>
      ))
      return block.ordered ? (
        <ol className="list-decimal pl-5">{items}</ol>
      ) : (
        <ul className="list-disc pl-5">{items}</ul>
      )
    }
    case 'code':
      return <pre className="overflow-x-auto rounded-control bg-inset p-2 text-sm">{block.text}</pre>
    case 'line':
      return <hr />
    case 'quote':
      return (
        <blockquote className="border-l-2 pl-3">
          <Parts of={block.parts} />
        </blockquote>
      )
    case 'paragraph':
      return (
        <p>
          <Parts of={block.parts} />
        </p>
      )
  }
}

function Parts({ of }: { of: readonly Inline[] }) {
  return of.map((part, index) => {
    switch (part.kind) {
      case 'break':
        return <br key={index} />
      case 'link':
        return (
          <a
            key={index}
            href={part.href}
            target="_blank"
            rel="noreferrer noopener nofollow"
            className="text-accent underline"
          >
            {part.text}
          </a>
        )
      case 'strong':
        return (
          <strong key={index} className="font-semibold text-ink">
            {part.text}
          </strong>
        )
      case 'em':
        return <em key={index}>{part.text}</em>
      case 'struck':
        return <s key={index}>{part.text}</s>
      case 'code':
        return (
          <code key={index} className="rounded-control bg-inset px-1 text-sm">
            {part.text}
          </code>
        )
      case 'text':
        return part.text
    }
  })
}
