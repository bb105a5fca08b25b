import { tcpProxy, throughProxy } from '@easel/testing'
import type { Faults, TcpProxy } from '@easel/testing'

/** A connection between two parts that can be slowed and cut. Empty faults mend it. */
export type Link = {
  /** `gateway-1`, `client` … */
  readonly from: string
  /** `nats`, `comfy-3`, `gateway-1` … */
  readonly to: string
  set(faults: Faults): void
  /** Resets every connection there is. */
  reset(): void
}

/** Makes TCP proxies when links are wanted, and else leaves every URL as it is. */
export class Links implements AsyncDisposable {
  readonly all: Link[] = []
  readonly #wanted: boolean
  readonly #proxies: TcpProxy[] = []

  constructor(wanted: boolean) {
    this.#wanted = wanted
  }

  /** The URL under which `from` reaches `to`. */
  async url(from: string, to: string, target: string): Promise<string> {
    if (!this.#wanted) return target
    const proxy = await tcpProxy({ target })
    this.#proxies.push(proxy)
    this.all.push({
      from,
      to,
      set: (faults) => proxy.set(faults),
      reset: () => proxy.reset(),
    })
    return throughProxy(target, proxy).replace(/\/$/, '')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#proxies.map((proxy) => proxy[Symbol.asyncDispose]()))
  }
}
