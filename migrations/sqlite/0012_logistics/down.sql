DROP INDEX rmas_queue;
