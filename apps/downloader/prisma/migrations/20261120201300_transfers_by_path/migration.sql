-- By the place of its file, of what is under way or has failed: asked for with each check of a workflow.
CREATE INDEX "transfers_path_idx" ON "transfers"(("folder" || '/' || "filename"))
  WHERE "status" IN ('queued', 'running', 'verifying', 'paused', 'failed');
