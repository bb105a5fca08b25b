import { lazyRouteComponent } from '@tanstack/react-router'

/** The code of a view is not there: see `ViewFault`. */
export class ViewMissing extends Error {
  override name = 'ViewMissing'
}

/**
 * A view whose code comes when it is opened. The router alone would reload the page when it does not come, and leave
 * somebody whose network is away with the browser's own error.
 */
export function loadView<M extends Record<string, unknown>, K extends keyof M & string>(
  load: () => Promise<M>,
  name: K,
) {
  const importer = async (): Promise<M> => {
    try {
      return await load()
    } catch (cause) {
      throw new ViewMissing('The code of this view did not come', { cause })
    }
  }
  return lazyRouteComponent(importer as never, name as never)
}
