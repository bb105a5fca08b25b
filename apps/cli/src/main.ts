#!/usr/bin/env node
import { enableCompileCache } from 'node:module'
import { loadConfig } from './target/config.ts'

const config = loadConfig(process.env)
if (config.startedIn !== undefined) process.chdir(config.startedIn)

// Half of the time of a short command goes into compiling: what is kept must be told before it is imported.
enableCompileCache(config.cacheDirectory)
const { runProgram } = await import('./program.ts')

// Whoever reads our output may have had enough of it (`| head`).
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (cause: NodeJS.ErrnoException) => {
    if (cause.code !== 'EPIPE') throw cause
    process.exit()
  })
}

process.exitCode = await runProgram(process.argv.slice(2), config, process)
