export type NeedsOptions = { fetch?: true; offline?: true; wait?: boolean; only?: string[] }
