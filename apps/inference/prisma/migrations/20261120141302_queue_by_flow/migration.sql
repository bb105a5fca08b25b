-- The queue is read flow by flow. Before statistics are fresh, a planner that believes in one row takes any index and
-- sorts; so of the partial indexes only this one can serve the reading of a flow.
DROP INDEX "jobs_queue_idx";
DROP INDEX "jobs_pace_idx";

-- Jobs that have not ended, by whose limits they count to: in words that the queue's own condition does not imply.
DROP INDEX "jobs_open_space_idx";
DROP INDEX "jobs_open_user_idx";
CREATE INDEX "jobs_open_space_idx" ON "jobs"("space_id") WHERE "finished_at" IS NULL;
CREATE INDEX "jobs_open_user_idx" ON "jobs"("created_by") WHERE "finished_at" IS NULL;
