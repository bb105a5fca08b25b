/** A transfer that takes from a server. */
type Member = { allow(connections: number): void }

/**
 * What the transfers of this process must know of each other: how many connections each may have to a server, and
 * which server asked for a pause.
 */
export class Hosts {
  #most: number
  readonly #members = new Map<string, Set<Member>>()
  readonly #pauses = new Map<string, number>()

  /** `most`: connections to one server. Each transfer has at least one, however many there are. */
  constructor(most: number) {
    this.#most = most
  }

  set most(connections: number) {
    if (connections === this.#most) return
    this.#most = connections
    for (const members of this.#members.values()) this.#share(members)
  }

  /** Until it is disposed, the member is told its share whenever it changes. */
  join(host: string, member: Member): Disposable & { connections: number } {
    const members = this.#members.get(host) ?? new Set()
    this.#members.set(host, members.add(member))
    this.#share(members)
    return {
      connections: this.#shareOf(members),
      [Symbol.dispose]: () => {
        members.delete(member)
        if (members.size === 0) this.#members.delete(host)
        this.#share(members)
      },
    }
  }

  pause(host: string, ms: number): void {
    const now = performance.now()
    for (const [each, until] of this.#pauses) if (until < now) this.#pauses.delete(each)
    this.#pauses.set(host, Math.max(this.#pauses.get(host) ?? 0, now + ms))
  }

  /** Milliseconds that a server still wants to be left alone. */
  waitMs(host: string): number {
    return Math.max(0, (this.#pauses.get(host) ?? 0) - performance.now())
  }

  #share(members: ReadonlySet<Member>): void {
    const connections = this.#shareOf(members)
    for (const member of members) member.allow(connections)
  }

  #shareOf(members: ReadonlySet<Member>): number {
    return Math.max(1, Math.floor(this.#most / Math.max(1, members.size)))
  }
}
