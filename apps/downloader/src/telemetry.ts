import { startTelemetry } from '@easel/observability'

await startTelemetry({ service: 'downloader', env: process.env })
