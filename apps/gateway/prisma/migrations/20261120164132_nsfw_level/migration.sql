-- AlterTable
ALTER TABLE "users" ADD COLUMN     "max_nsfw" TEXT NOT NULL DEFAULT 'pg';
