import { execFile } from 'node:child_process'
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

/**
 * A disk whose power can be cut: ext4 in a file. What its file holds is what had been flushed to the disk; what only
 * the kernel's cache has is gone after `cut`. Needs root and loop devices.
 */
export class LoopDisk implements AsyncDisposable {
  /** Where it is mounted. */
  readonly path: string
  readonly #folder: string
  #generation = 0

  private constructor(folder: string) {
    this.#folder = folder
    this.path = join(folder, 'disk')
  }

  static async make(folder: string, gibibytes: number): Promise<LoopDisk> {
    const disk = new LoopDisk(folder)
    await mkdir(disk.path)
    await run('truncate', ['-s', `${gibibytes}G`, disk.#image])
    await run('mkfs.ext4', ['-q', '-F', '-E', 'lazy_itable_init=1,lazy_journal_init=1', disk.#image])
    await disk.#mount()
    return disk
  }

  /** While nobody writes: the copy of the file is the disk as it would be found after the cut. */
  async copy(): Promise<void> {
    await run('cp', ['--sparse=always', this.#image, this.#imageOf(this.#generation + 1)])
  }

  /** When nobody has it open: the copy takes its place. */
  async swap(): Promise<void> {
    await run('umount', [this.path])
    await rm(this.#image)
    this.#generation += 1
    await this.#mount()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await run('umount', [this.path])
    await rm(this.#image)
  }

  get #image(): string {
    return this.#imageOf(this.#generation)
  }

  #imageOf(generation: number): string {
    return join(this.#folder, `disk-${generation}.img`)
  }

  /** The journal is written when somebody asks for it (fsync), not because five seconds are over. */
  async #mount(): Promise<void> {
    await run('mount', ['-o', 'loop,commit=300', this.#image, this.path])
  }
}
