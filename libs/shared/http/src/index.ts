export { addressPolicy } from './address-policy.ts'
export { createGuardedHttp } from './guarded-http.ts'
export type {
  GuardedHttp,
  GuardedHttpOptions,
  HttpRequest,
  HttpResponse,
  HttpTimeouts,
  JsonResponse,
} from './http-client.ts'
export { parseOutgoingUrl } from './outgoing-url.ts'
