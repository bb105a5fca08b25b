/** What is injected but is no class. */
export const CONFIG = Symbol('config')
export const BUS = Symbol('bus')
export const BLOBS = Symbol('blobs')
export const LOG = Symbol('log')
export const METRICS = Symbol('metrics')
/** A client that goes only where webhooks may. */
export const WEBHOOK_HTTP = Symbol('webhook-http')
