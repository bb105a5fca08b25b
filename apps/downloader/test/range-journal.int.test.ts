import { closeSync, openSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { tempDirectory } from '@easel/testing'
import { expect, test } from 'vitest'
import { blockBytes, RangeJournal } from '../src/transfers/lane/range-journal.ts'
import { RangeSet } from '../src/transfers/lane/range-set.ts'

const version = { total: 4 * blockBytes + 10, etag: '"1"', lastModified: null, address: 'a' }

type Opened = { journal: RangeJournal; done: RangeSet; file: number; path: string }

async function withJournal(work: (open: (boot: string) => Opened) => Promise<void> | void): Promise<void> {
  await using directory = await tempDirectory()
  const path = join(directory.path, 'partial')
  writeFileSync(path, Buffer.alloc(version.total))
  const file = openSync(path, 'r+')
  try {
    await work((boot) => {
      const journal = new RangeJournal(`${path}.ranges`, boot)
      const done = new RangeSet()
      journal.load(done, version.total)
      return { journal, done, file, path: `${path}.ranges` }
    })
  } finally {
    closeSync(file)
  }
}

function write({ journal, done }: Opened, start: number, end: number): void {
  done.add(start, end)
  journal.mark(start, end, done)
}

test('whole blocks are known again, half ones are not', () =>
  withJournal((open) => {
    const first = open('boot')
    first.journal.restart(version)
    write(first, 0, blockBytes + 100)
    write(first, 4 * blockBytes, version.total)
    write(first, 2 * blockBytes + 1, 3 * blockBytes)

    const { done, journal } = open('boot')

    expect(done.gaps(version.total)).toEqual([{ start: blockBytes, end: 4 * blockBytes }])
    expect(journal.version).toEqual(version)
  }))

test('a block that comes in two parts is known when the second is there', () =>
  withJournal((open) => {
    const first = open('boot')
    first.journal.restart(version)
    write(first, 100, blockBytes)
    write(first, 0, 100)

    expect(open('boot').done.endFrom(0)).toBe(blockBytes)
  }))

test('after a power cut only what was synced is relied on, and the rest stays forgotten', () =>
  withJournal(async (open) => {
    const first = open('boot')
    first.journal.restart(version)
    write(first, 0, blockBytes)
    await first.journal.sync(first.file)
    write(first, blockBytes, 2 * blockBytes)

    expect(open('another boot').done.bytes).toBe(blockBytes)
    expect(open('another boot').done.bytes).toBe(blockBytes)
  }))

test('another file begins with nothing', () =>
  withJournal((open) => {
    const first = open('boot')
    first.journal.restart(version)
    write(first, 0, blockBytes)
    first.journal.restart({ ...version, etag: '"2"' })

    const { done, journal } = open('boot')

    expect(done.bytes).toBe(0)
    expect(journal.version).toMatchObject({ etag: '"2"' })
  }))

test('a torn or foreign journal is none', () =>
  withJournal((open) => {
    const first = open('boot')
    first.journal.restart(version)
    write(first, 0, blockBytes)
    truncateSync(first.path, 100)
    expect(open('boot').journal.version).toBeNull()

    writeFileSync(first.path, Buffer.alloc(10_000, '{'))

    expect(open('boot').done.bytes).toBe(0)
  }))
