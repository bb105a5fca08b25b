import type { Metrics } from '@easel/observability'

/** One function for each thing that happens. */
export type GalleryMetrics = ReturnType<typeof galleryMetrics>

export function galleryMetrics(metrics: Metrics) {
  const imported = metrics.counter('easel_gallery_assets_imported_total', 'Assets made from outputs of jobs')
  const refused = metrics.counter(
    'easel_gallery_imports_refused_total',
    'Jobs whose outputs cannot be stored',
  )
  const thumbnails = metrics.counter(
    'easel_gallery_thumbnails_total',
    'Contents that were looked at, by outcome',
    ['state'],
  )
  const seconds = metrics.histogram(
    'easel_gallery_thumbnail_seconds',
    'Time to make the thumbnails of one content',
  )
  const removed = metrics.counter('easel_gallery_blobs_removed_total', 'Blobs that nothing referred to')
  return {
    imported: (count: number) => imported.inc({}, count),
    refused: () => refused.inc(),
    thumbnails: (state: string, took: number) => {
      thumbnails.inc({ state })
      seconds.observe({}, took)
    },
    removed: (count: number) => removed.inc({}, count),
  }
}
