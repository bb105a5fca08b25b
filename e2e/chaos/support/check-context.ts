import type { Client, Tally } from './client.ts'
import type { Cluster } from './cluster.ts'
import type { Findings } from './findings.ts'
import type { Ledger } from './ledger.ts'
import type { Load } from './load.ts'
import type { Receiver } from './receiver.ts'
import type { Subscriber } from './subscriber.ts'

export type CheckContext = {
  cluster: Cluster
  ledger: Ledger
  load: Load
  tally: Tally
  /** Asks as this person. */
  owner: (person: number) => Client
  subscribers: readonly { person: number; subscriber: Subscriber }[]
  receiver: Receiver | undefined
  findings: Findings
  /** How long what is under way may take to come to its end. */
  settleMs: number
  /** Looks at the blob store, too, which takes a while. */
  sweep: boolean
  log: (line: string) => void
}
