import { Dices, Lock, LockOpen } from 'lucide-react'
import clsx from 'clsx'
import { useState } from 'react'
import { Button } from '../../ui/button.tsx'
import { control } from '../../ui/field.tsx'
import { exactNumber, randomSeed } from './form-model.ts'
import { readNumber } from './read-number.ts'
import { sliderRangeOf } from './slider-range.ts'
import type { AriaAttributes } from 'react'
import type { ParameterView } from '@easel/client'
import type { SeedRule, Value } from './form-model.ts'

type InputProps = {
  id: string
  label: string
  value: Value
  onChange: (value: Value) => void
  wrong: AriaAttributes
}

/** How the seeds of a form are held. */
export type SeedHold = {
  rule: SeedRule
  isLocked: (key: string) => boolean
  toggle: (key: string) => void
}

/** 64 bits, exactly: more than a number field of the browser can hold. */
export function SeedInput({
  id,
  label,
  name,
  value,
  onChange,
  hold,
  wrong,
}: InputProps & { name: string; hold: SeedHold }) {
  const locked = hold.isLocked(name)
  const isNew = hold.rule === 'random' && !locked
  return (
    <>
      <div className="flex gap-1.5">
        <input
          id={id}
          inputMode="numeric"
          value={String(value ?? '')}
          onChange={({ target }) => {
            const digits = target.value.replaceAll(/\D/g, '').slice(0, 20)
            onChange(digits === '' ? 0 : exactNumber(BigInt.asUintN(64, BigInt(digits))))
          }}
          onFocus={({ target }) => target.select()}
          className={clsx(control, 'nums min-w-0 font-mono', isNew && 'text-ink-3')}
          {...(isNew && { 'aria-describedby': `${id}-rule` })}
          {...wrong}
        />
        <Button
          icon={<Dices size={17} aria-hidden />}
          aria-label={`Another ${label.toLowerCase()}`}
          onClick={() => onChange(randomSeed())}
        />
        <Button
          icon={locked ? <Lock size={16} aria-hidden /> : <LockOpen size={16} aria-hidden />}
          aria-label={`Keep this ${label.toLowerCase()}`}
          aria-pressed={locked}
          title={locked ? 'It stays; press for new ones' : 'Keep this one'}
          className={locked ? 'border-accent bg-accent-soft' : undefined}
          onClick={() => hold.toggle(name)}
        />
      </div>
      {isNew && (
        <p id={`${id}-rule`} className="text-xs text-ink-2">
          A new one for each run
        </p>
      )}
    </>
  )
}

/** What is typed stays as typed until the field is left; what is set is always within the bounds. */
export function NumberInput({
  id,
  label,
  parameter,
  value,
  onChange,
  wrong,
}: InputProps & { parameter: ParameterView }) {
  const [typed, setTyped] = useState<string>()
  const [min, max] = [boundOf(parameter.min), boundOf(parameter.max)]
  const isWhole = parameter.control === 'integer'
  const step = boundOf(parameter.step) ?? (isWhole ? 1 : 0.01)
  const slider = sliderRangeOf(parameter)
  const read =
    typed === undefined ? undefined : readNumber(typed, { min: parameter.min, max: parameter.max, isWhole })
  const set = (text: string) => {
    const { value: next } = readNumber(text, { min: parameter.min, max: parameter.max, isWhole })
    if (next !== undefined) onChange(next)
  }
  return (
    <>
      <div className="flex min-w-0 items-center gap-3">
        {slider && (
          <input
            type="range"
            aria-label={label}
            tabIndex={-1}
            value={Number(value)}
            {...slider}
            onChange={({ target }) => set(target.value)}
            className="h-9 min-w-0 flex-1 accent-accent max-md:h-11"
          />
        )}
        <input
          id={id}
          inputMode={isWhole ? 'numeric' : 'decimal'}
          role="spinbutton"
          aria-valuenow={Number(value)}
          aria-valuemin={min}
          aria-valuemax={max}
          value={typed ?? String(value ?? '')}
          onFocus={({ target }) => target.select()}
          onChange={({ target }) => {
            setTyped(target.value)
            set(target.value)
          }}
          onKeyDown={(event) => {
            const way = { ArrowUp: 1, ArrowDown: -1 }[event.key]
            if (way === undefined) return
            event.preventDefault()
            setTyped(undefined)
            set(stepped(Number(value), way * step * (event.shiftKey ? 10 : 1)))
          }}
          onBlur={() => setTyped(undefined)}
          className={clsx(control, 'nums', slider && 'w-20! shrink-0')}
          {...wrong}
        />
      </div>
      {read?.note !== undefined && <p className="text-xs text-warn">{read.note}</p>}
    </>
  )
}

const boundOf = (limit: unknown): number | undefined =>
  limit === null || limit === undefined ? undefined : Number(limit)

/** Without the dust of binary fractions. */
const stepped = (value: number, by: number): string => String(Number((value + by).toFixed(6)))
