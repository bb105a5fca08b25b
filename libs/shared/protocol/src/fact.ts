import type { MessageClass } from './contract.ts'

/** Something that happened and stays true. Published through an outbox, consumed at least once. */
export type Fact<T extends object = object> = {
  /**
   * `<service>.<kebab-name>`, e.g. `inference.outputs-made`. What users see of a thing is `<service>.<thing>.changed`,
   * so that one filter on the bus tells these from what is between services.
   */
  readonly name: string
  readonly version: number
  readonly payload: MessageClass<T>
}

export function defineFact<T extends object>(
  name: string,
  version: number,
  payload: MessageClass<T>,
): Fact<T> {
  return { name, version, payload }
}

export function factSubject(fact: Fact<any>): string {
  return `evt.${fact.name}.v${fact.version}`
}
