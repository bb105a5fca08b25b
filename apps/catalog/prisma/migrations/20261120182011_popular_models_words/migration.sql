-- Nearly all searches are answered by the few models that nearly all downloads are of. The limit stands in the
-- statement of the search, too.
CREATE INDEX "models_popular_words_idx" ON "models" USING GIN ("words") WITH (fastupdate = off) WHERE "downloads" >= 10000;
