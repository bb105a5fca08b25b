import { tcpProxy, throughProxy } from '@easel/testing'
import type { Faults, TcpProxy } from '@easel/testing'

/** A cable between one process and one server. */
export type Link = {
  /** `worker-1 → nats` */
  readonly name: string
  readonly from: string
  readonly to: string
  set(faults: Faults): void
  reset(): void
}

/** Every way between two parts leads through a proxy of its own. */
export class Links implements AsyncDisposable {
  readonly all: Link[] = []
  readonly #proxies: TcpProxy[] = []

  /** The URL by which `from` reaches `to`. */
  async lay(from: string, to: string, url: string): Promise<string> {
    const proxy = await tcpProxy({ target: url })
    this.#proxies.push(proxy)
    this.all.push({
      name: `${from} → ${to}`,
      from,
      to,
      set: (faults) => proxy.set(faults),
      reset: () => proxy.reset(),
    })
    return throughProxy(url, proxy).replace(/\/$/, '')
  }

  heal(): void {
    for (const link of this.all) link.set({})
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#proxies.map((proxy) => proxy[Symbol.asyncDispose]()))
  }
}
