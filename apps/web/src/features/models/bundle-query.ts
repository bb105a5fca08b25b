import { queryOptions } from '@tanstack/react-query'
import { easel } from '../../api/easel.ts'

/** Read again whenever a download begins or ends. `variant` is a precision. */
export const bundleStatusQuery = (id: string, variant?: string) =>
  queryOptions({
    queryKey: ['downloads', 'bundle', id, variant],
    queryFn: () => easel.bundles.status(id, variant === undefined ? {} : { variant }),
  })
