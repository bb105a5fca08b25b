import {
  createRootRouteWithContext,
  createRoute,
  createRouter,
  lazyRouteComponent,
  redirect,
} from '@tanstack/react-router'
import { EaselError } from '@easel/client'
import { meQuery, queries } from './api/queries.ts'
import { readCreateSearch } from './features/create/create-search.ts'
import { readModelsSearch } from './features/models/models-search.ts'
import { readGallerySearch } from './features/gallery/gallery-search.ts'
import type { QueueSearch } from './features/queue/queue-search.ts'
import { Failure } from './ui/states.tsx'
import { Frame } from './shell/frame.tsx'
import { NotFound } from './shell/not-found.tsx'
import type { QueryClient } from '@tanstack/react-query'

const rootRoute = createRootRouteWithContext<{ client: QueryClient }>()({
  notFoundComponent: NotFound,
  errorComponent: ({ error, reset }) => <Failure error={error} retry={reset} />,
})

const loginRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/login',
  validateSearch: ({ to }: Record<string, unknown>): { to?: string } =>
    typeof to === 'string' && /^\/(?![/\\])/.test(to) ? { to } : {},
  component: lazyRouteComponent(() => import('./features/login/login-page.tsx'), 'LoginPage'),
})

/** All that needs somebody who is logged in. */
const studioRoute = createRoute({
  getParentRoute: () => rootRoute,
  id: 'studio',
  beforeLoad: async ({ context, location }) => {
    try {
      return { me: await context.client.ensureQueryData(meQuery) }
    } catch (cause) {
      if (!(cause instanceof EaselError) || cause.status !== 401) throw cause
      // eslint-disable-next-line typescript/only-throw-error -- how the router is told to go elsewhere
      throw redirect({ to: '/login', search: location.href === '/' ? {} : { to: location.href } })
    }
  },
  component: Frame,
})

const view = <P extends string>(path: P, load: () => Promise<Record<string, unknown>>, name: string) =>
  createRoute({
    getParentRoute: () => studioRoute,
    path,
    component: lazyRouteComponent(load as never, name as never),
  })

const homeRoute = createRoute({
  getParentRoute: () => studioRoute,
  path: '/',
  beforeLoad: () => {
    // eslint-disable-next-line typescript/only-throw-error -- how the router is told to go elsewhere
    throw redirect({ to: '/create' })
  },
})

const text = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined

const queueRoute = createRoute({
  getParentRoute: () => studioRoute,
  path: '/queue',
  validateSearch: ({ show, whose, job }: Record<string, unknown>): QueueSearch => ({
    ...((show === 'open' || show === 'done' || show === 'failed') && { show }),
    ...(whose === 'mine' && { whose }),
    ...(text(job) !== undefined && { job: text(job)! }),
  }),
  component: lazyRouteComponent(() => import('./features/queue/queue-page.tsx'), 'QueuePage'),
})

const createPageRoute = createRoute({
  getParentRoute: () => studioRoute,
  path: '/create',
  validateSearch: readCreateSearch,
  component: lazyRouteComponent(() => import('./features/create/create-page.tsx'), 'CreatePage'),
})

const galleryRoute = createRoute({
  getParentRoute: () => studioRoute,
  path: '/gallery',
  validateSearch: readGallerySearch,
  component: lazyRouteComponent(() => import('./features/gallery/gallery-page.tsx'), 'GalleryPage'),
})

const modelsRoute = createRoute({
  getParentRoute: () => studioRoute,
  path: '/models',
  validateSearch: readModelsSearch,
  component: lazyRouteComponent(() => import('./features/models/models-page.tsx'), 'ModelsPage'),
})

const downloadsRoute = createRoute({
  getParentRoute: () => studioRoute,
  path: '/downloads',
  validateSearch: ({ show }: Record<string, unknown>): { show?: 'open' | 'done' | 'failed' } =>
    show === 'open' || show === 'done' || show === 'failed' ? { show } : {},
  component: lazyRouteComponent(() => import('./features/downloads/downloads-page.tsx'), 'DownloadsPage'),
})

const systemRoute = view('/system', () => import('./features/system/system-page.tsx'), 'SystemPage')
const settingsRoute = view('/settings', () => import('./features/settings/settings-page.tsx'), 'SettingsPage')

const routeTree = rootRoute.addChildren([
  loginRoute,
  studioRoute.addChildren([
    homeRoute,
    createPageRoute,
    queueRoute,
    galleryRoute,
    modelsRoute,
    downloadsRoute,
    systemRoute,
    settingsRoute,
  ]),
])

export const router = createRouter({
  routeTree,
  context: { client: queries },
  defaultPreload: 'intent',
  scrollRestoration: true,
})

declare module '@tanstack/react-router' {
  // eslint-disable-next-line typescript/consistent-type-definitions -- the router's types are extended by merging
  interface Register {
    router: typeof router
  }
}
