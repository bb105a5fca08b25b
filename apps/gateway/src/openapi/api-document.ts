import 'reflect-metadata'
import { controllers } from '../controllers.ts'
import { version } from '../version.ts'
import { writeDocument } from './document.ts'
import type { Controller } from '../http/route.ts'

/** The document of all routes, without a server: a controller without its parts still has its routes. */
export function apiDocument(): object {
  const all = controllers.map((controller) => Reflect.construct(controller, []) as Controller)
  return writeDocument(all, version)
}
