export { createGuardedHttp } from './guarded-http.ts'
export type {
  GuardedHttp,
  GuardedHttpOptions,
  HttpRequest,
  HttpResponse,
  HttpTimeouts,
  JsonResponse,
} from './guarded-http.ts'
