import { createRootRouteWithContext, createRoute, createRouter, redirect } from '@tanstack/react-router'
import { EaselError } from '@easel/client'
import { live } from './api/live.ts'
import { meQuery, queries, spaceOf } from './api/queries.ts'
import { readCreateSearch } from './features/create/create-search.ts'
import { readDownloadsSearch } from './features/downloads/downloads-search.ts'
import { readModelsSearch } from './features/models/models-search.ts'
import { readGallerySearch } from './features/gallery/gallery-search.ts'
import { readQueueSearch } from './features/queue/queue-search.ts'
import { readSettingsSearch } from './features/settings/settings-search.ts'
import { Loading } from './ui/states.tsx'
import { Frame } from './shell/frame.tsx'
import { loadView } from './shell/load-view.ts'
import { NotFound } from './shell/not-found.tsx'
import { ViewFault } from './shell/view-fault.tsx'
import type { QueryClient } from '@tanstack/react-query'

const rootRoute = createRootRouteWithContext<{ client: QueryClient }>()({
  notFoundComponent: NotFound,
  errorComponent: ViewFault,
})

const loginRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/login',
  validateSearch: ({ to }: Record<string, unknown>): { to?: string } =>
    typeof to === 'string' && /^\/(?![/\\])/.test(to) ? { to } : {},
  component: loadView(() => import('./features/login/login-page.tsx'), 'LoginPage'),
})

/** All that needs somebody who is logged in. */
const studioRoute = createRoute({
  getParentRoute: () => rootRoute,
  id: 'studio',
  beforeLoad: async ({ context, location }) => {
    try {
      const me = await context.client.ensureQueryData(meQuery)
      // As early as can be: what is read before the stream begins has to be read again.
      live.open(spaceOf(me))
      return { me }
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
    component: loadView(load, name),
  })

const homeRoute = createRoute({
  getParentRoute: () => studioRoute,
  path: '/',
  beforeLoad: () => {
    // eslint-disable-next-line typescript/only-throw-error -- how the router is told to go elsewhere
    throw redirect({ to: '/create' })
  },
})

const queueRoute = createRoute({
  getParentRoute: () => studioRoute,
  path: '/queue',
  validateSearch: readQueueSearch,
  component: loadView(() => import('./features/queue/queue-page.tsx'), 'QueuePage'),
})

const createPageRoute = createRoute({
  getParentRoute: () => studioRoute,
  path: '/create',
  validateSearch: readCreateSearch,
  component: loadView(() => import('./features/create/create-page.tsx'), 'CreatePage'),
})

const galleryRoute = createRoute({
  getParentRoute: () => studioRoute,
  path: '/gallery',
  validateSearch: readGallerySearch,
  component: loadView(() => import('./features/gallery/gallery-page.tsx'), 'GalleryPage'),
})

const modelsRoute = createRoute({
  getParentRoute: () => studioRoute,
  path: '/models',
  validateSearch: readModelsSearch,
  component: loadView(() => import('./features/models/models-page.tsx'), 'ModelsPage'),
})

const downloadsRoute = createRoute({
  getParentRoute: () => studioRoute,
  path: '/downloads',
  validateSearch: readDownloadsSearch,
  component: loadView(() => import('./features/downloads/downloads-page.tsx'), 'DownloadsPage'),
})

const systemRoute = view('/system', () => import('./features/system/system-page.tsx'), 'SystemPage')
const settingsRoute = createRoute({
  getParentRoute: () => studioRoute,
  path: '/settings',
  validateSearch: readSettingsSearch,
  component: loadView(() => import('./features/settings/settings-page.tsx'), 'SettingsPage'),
})

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

function Pending() {
  return <Loading rows={5} className="p-4 md:p-6" />
}

export const router = createRouter({
  routeTree,
  context: { client: queries },
  defaultPreload: 'intent',
  defaultErrorComponent: ViewFault,
  defaultPendingComponent: Pending,
  scrollRestoration: true,
})

declare module '@tanstack/react-router' {
  // eslint-disable-next-line typescript/consistent-type-definitions -- the router's types are extended by merging
  interface Register {
    router: typeof router
  }
}
