-- CreateTable
CREATE TABLE "hub_contents" (
    "sha256" TEXT NOT NULL,
    "bytes" BIGINT NOT NULL,
    "state" TEXT NOT NULL DEFAULT 'present',
    "external" BOOLEAN NOT NULL DEFAULT false,
    "shared" BOOLEAN NOT NULL DEFAULT false,
    "pinned" BOOLEAN NOT NULL DEFAULT false,
    "used_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "verified_at" TIMESTAMPTZ(3),
    "verify_asked_at" TIMESTAMPTZ(3),
    "verify_until" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "hub_contents_pkey" PRIMARY KEY ("sha256")
);

-- CreateTable
CREATE TABLE "hub_names" (
    "path" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "sha256" TEXT NOT NULL,
    "transfer_id" UUID,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "hub_names_pkey" PRIMARY KEY ("path")
);

-- CreateTable
CREATE TABLE "hub_leases" (
    "holder" TEXT NOT NULL,
    "sha256" TEXT NOT NULL,
    "until" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "hub_leases_pkey" PRIMARY KEY ("holder","sha256")
);

-- CreateIndex
CREATE INDEX "hub_contents_state_used_at_idx" ON "hub_contents"("state", "used_at");

-- CreateIndex
CREATE INDEX "hub_contents_verified_at_idx" ON "hub_contents"("verified_at");

-- CreateIndex
CREATE INDEX "hub_contents_created_at_sha256_idx" ON "hub_contents"("created_at", "sha256");

-- CreateIndex
CREATE INDEX "hub_names_sha256_idx" ON "hub_names"("sha256");

-- CreateIndex
CREATE INDEX "hub_names_name_idx" ON "hub_names"("name");

-- CreateIndex
CREATE INDEX "hub_leases_sha256_idx" ON "hub_leases"("sha256");

-- CreateIndex
CREATE INDEX "hub_leases_until_idx" ON "hub_leases"("until");

-- AddForeignKey
ALTER TABLE "hub_names" ADD CONSTRAINT "hub_names_sha256_fkey" FOREIGN KEY ("sha256") REFERENCES "hub_contents"("sha256") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "hub_leases" ADD CONSTRAINT "hub_leases_sha256_fkey" FOREIGN KEY ("sha256") REFERENCES "hub_contents"("sha256") ON DELETE RESTRICT ON UPDATE CASCADE;
