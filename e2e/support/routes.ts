import type { Api, Json } from './api.ts'

export type DescribedRoute = {
  method: string
  /** As described: `/api/jobs/{id}`. */
  path: string
  operation: Json
}

/** Every route that the API says it has. */
export async function describedRoutes(api: Api): Promise<DescribedRoute[]> {
  const { body } = await api.get('/api/openapi.json')
  return Object.entries(body.paths as Json).flatMap(([path, methods]) =>
    Object.entries(methods as Json).map(([method, operation]) => ({
      method: method.toUpperCase(),
      path,
      operation: operation as Json,
    })),
  )
}

export function isPublic({ operation }: DescribedRoute): boolean {
  return (operation.security as unknown[]).length === 0
}

export function scopeOf({ operation }: DescribedRoute): string | undefined {
  return /Needs the scope `([\w:]+)`/.exec(String(operation.description))?.[1]
}

/** What each route with a body takes at the least. */
const bodies: Record<string, Json> = {
  'POST /api/collections/{id}/entries': { entries: [{}] },
  'PATCH /api/downloads/{id}': { priority: 1 },
  'PATCH /api/spaces/{id}': { name: 'Renamed' },
  'POST /api/spaces/{id}/members': { email: 'admin@easel.test', role: 'viewer' },
  'PATCH /api/spaces/{id}/members/{userId}': { role: 'viewer' },
}

/** A body that the rules of the route let through, so that the answer is about the id. */
export function bodyFor({ method, path, operation }: DescribedRoute): Json | undefined {
  return bodies[`${method} ${path}`] ?? (operation.requestBody ? {} : undefined)
}
