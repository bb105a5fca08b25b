-- What a graph names is looked for by the name of the file. Names may be longer than an index entry.
CREATE INDEX "model_files_name_idx" ON "model_files" (lower(left("name", 200)));
