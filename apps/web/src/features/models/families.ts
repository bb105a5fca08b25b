import { queryOptions, useQuery } from '@tanstack/react-query'
import { easel } from '../../api/easel.ts'

export const familiesQuery = queryOptions({ queryKey: ['families'], queryFn: () => easel.library.families() })

/** What a family is called: `sdxl` is SDXL. */
export function useFamilyNames(): (id: string) => string {
  const { data } = useQuery(familiesQuery)
  return (id) => data?.items.find((family) => family.id === id)?.name ?? id
}
