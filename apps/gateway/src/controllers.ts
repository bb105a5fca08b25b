import { AccountsController } from './people/accounts.controller.ts'
import { AuthController } from './identity/auth.controller.ts'
import { AssetsController } from './assets/assets.controller.ts'
import { BundlesController } from './bundles/bundles.controller.ts'
import { CollectionsController } from './collections/collections.controller.ts'
import { DownloadsController } from './downloads/downloads.controller.ts'
import { TokensController } from './downloads/tokens.controller.ts'
import { EventsController } from './events/events.controller.ts'
import { HubController } from './hub/hub.controller.ts'
import { JobsController } from './jobs/jobs.controller.ts'
import { LibraryCareController } from './library/library-care.controller.ts'
import { LibraryController } from './library/library.controller.ts'
import { FavoritesController } from './models/favorites.controller.ts'
import { ModelsController } from './models/models.controller.ts'
import { NeedsController } from './models/needs.controller.ts'
import { SessionsController } from './sessions/sessions.controller.ts'
import { SpacesController } from './people/spaces.controller.ts'
import { SystemController } from './system/system.controller.ts'
import { UsersController } from './people/users.controller.ts'
import { WebhooksController } from './webhooks/webhooks.controller.ts'
import { WorkflowsController } from './workflows/workflows.controller.ts'

/** In the order of the reference. */
export const controllers = [
  AuthController,
  UsersController,
  SpacesController,
  AccountsController,
  JobsController,
  WorkflowsController,
  AssetsController,
  SessionsController,
  ModelsController,
  NeedsController,
  FavoritesController,
  LibraryController,
  LibraryCareController,
  BundlesController,
  CollectionsController,
  DownloadsController,
  HubController,
  TokensController,
  EventsController,
  WebhooksController,
  SystemController,
] as const
