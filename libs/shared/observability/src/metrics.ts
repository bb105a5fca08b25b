import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client'

type Labels<L extends string> = Partial<Record<L, string | number>>
type Series<L extends string> = { labels?: readonly L[] }

/**
 * Metrics of one service in a registry of their own. A metric has at most `maxSeries` combinations of label
 * values: what comes beyond is counted under `other`, so that hostile values cannot eat the memory.
 */
export type Metrics = {
  counter<L extends string = never>(name: string, help: string, labels?: readonly L[]): BoundCounter<L>
  gauge<L extends string = never>(name: string, help: string, labels?: readonly L[]): BoundGauge<L>
  /** Buckets in the unit of the name (`_seconds`); default 5 ms to 10 s. */
  histogram<L extends string = never>(
    name: string,
    help: string,
    options?: HistogramOptions<L>,
  ): BoundHistogram<L>
  readonly contentType: string
  /** In the Prometheus text format. */
  text(): Promise<string>
}
export type HistogramOptions<L extends string> = Series<L> & { buckets?: readonly number[] }
export type BoundCounter<L extends string> = { inc(labels?: Labels<L>, by?: number): void }
export type BoundGauge<L extends string> = {
  set(labels: Labels<L>, value: number): void
  inc(labels?: Labels<L>, by?: number): void
  dec(labels?: Labels<L>, by?: number): void
}
export type BoundHistogram<L extends string> = {
  observe(labels: Labels<L>, value: number): void
  /** Gives the seconds since, and observes them. */
  startTimer(labels?: Labels<L>): (more?: Labels<L>) => number
}

export type MetricsOptions = {
  /** Metrics of the process and of Node as well; default true. One registry in a process is enough. */
  process?: boolean
  /** Default 500. */
  maxSeries?: number
}

const maxLabelLength = 100

export function createMetrics(
  service: string,
  { process = true, maxSeries = 500 }: MetricsOptions = {},
): Metrics {
  const registry = new Registry()
  registry.setDefaultLabels({ service })
  if (process) collectDefaultMetrics({ register: registry })
  const registers = [registry]

  return {
    counter: (name, help, labels = []) => {
      const bound = labelBound(labels, maxSeries)
      const counter = new Counter({ name, help, labelNames: labels, registers })
      return { inc: (values, by = 1) => counter.inc(bound(values), by) }
    },
    gauge: (name, help, labels = []) => {
      const bound = labelBound(labels, maxSeries)
      const gauge = new Gauge({ name, help, labelNames: labels, registers })
      return {
        set: (values, value) => gauge.set(bound(values), value),
        inc: (values, by = 1) => gauge.inc(bound(values), by),
        dec: (values, by = 1) => gauge.dec(bound(values), by),
      }
    },
    histogram: (name, help, { labels = [], buckets } = {}) => {
      const bound = labelBound(labels, maxSeries)
      const config = { name, help, labelNames: labels, registers, ...(buckets && { buckets: [...buckets] }) }
      const histogram = new Histogram(config)
      return {
        observe: (values, value) => histogram.observe(bound(values), value),
        startTimer: (values) => {
          const started = performance.now()
          return (more) => {
            const seconds = (performance.now() - started) / 1_000
            histogram.observe(bound({ ...values, ...more } as typeof values), seconds)
            return seconds
          }
        },
      }
    },
    contentType: registry.contentType,
    text: () => registry.metrics(),
  }
}

/** Lets label values pass as long as there are few combinations of them. */
function labelBound<L extends string>(
  names: readonly L[],
  maxSeries: number,
): (labels?: Labels<L>) => Labels<L> {
  const seen = new Set<string>()
  return (labels = {}) => {
    const values = names.map((name) => String(labels[name] ?? '').slice(0, maxLabelLength))
    const key = JSON.stringify(values)
    if (!seen.has(key) && seen.size >= maxSeries)
      return pair(
        names,
        names.map(() => 'other'),
      )
    seen.add(key)
    return pair(names, values)
  }
}

function pair<L extends string>(names: readonly L[], values: readonly string[]): Labels<L> {
  return Object.fromEntries(names.map((name, index) => [name, values[index]])) as Labels<L>
}
